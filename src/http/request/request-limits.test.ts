import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequestLimits, limitedAddress } from './request-limits.ts';

const quotas = {
  key: null,
  address: null,
  trackingAddress: 10,
  trackingNumber: 2,
  trackingNumberDay: 1_000,
};
const hourMs = 3_600_000;

test('a limit that is not set is none', () => {
  const { byKey, byAddress } = createRequestLimits({ ...quotas, address: 5 }, () => 0);
  assert.equal(byKey, null);
  assert.ok(byAddress !== null);
});

test('fields and problem tell what is left, and when to come again', () => {
  let nowMs = 0;
  const { byAddress: limit } = createRequestLimits({ ...quotas, address: 3 }, () => nowMs);
  assert.ok(limit !== null);
  assert.deepEqual(limit.take('a'), {
    headers: { 'ratelimit-policy': '"address";q=3;w=60', ratelimit: '"address";r=2;t=20' },
    problem: null,
  });
  limit.take('a');
  assert.equal(limit.take('a').headers.ratelimit, '"address";r=0;t=60');
  nowMs = 500;
  const { headers, problem } = limit.take('a');
  assert.equal(headers.ratelimit, '"address";r=0;t=60');
  assert.equal(problem?.code, 'rate_limited');
  assert.equal(problem?.headers?.['retry-after'], '20');
  assert.equal(problem?.detail, '3 requests a minute are allowed. Try again in 20 seconds.');
  assert.equal(limit.look('b').headers.ratelimit, '"address";r=3;t=0');
});

test('looking for an order is limited by the hour, also where no other limit is set', () => {
  let nowMs = 0;
  const { byAddress, byNumber } = createRequestLimits(quotas, () => nowMs).tracking;
  assert.equal(byAddress.look('a').headers['ratelimit-policy'], '"tracking-address";q=10;w=3600');
  byNumber.take('1001');
  assert.match(byNumber.take('1001').headers.ratelimit, /^"tracking-number";r=0;t=3600, /);
  nowMs = 30 * 60_000 - 1;
  const { problem } = byNumber.take('1001');
  assert.equal(problem?.headers?.['retry-after'], '1');
  assert.equal(problem?.detail, '2 requests an hour are allowed. Try again in 1 second.');
  assert.equal(byNumber.take('1002').problem, null);
  nowMs += 1;
  assert.equal(byNumber.take('1001').problem, null);
});

test('looking for one order is limited by the day, too', () => {
  let nowMs = 0;
  const limited: string[] = [];
  const ofDay = { ...quotas, trackingNumber: 2, trackingNumberDay: 3 };
  const { byNumber } = createRequestLimits(
    ofDay,
    () => nowMs,
    (name) => limited.push(name),
  ).tracking;
  byNumber.take('1001');
  assert.deepEqual(byNumber.take('1001'), {
    headers: {
      'ratelimit-policy': '"tracking-number";q=2;w=3600, "tracking-number-day";q=3;w=86400',
      ratelimit: '"tracking-number";r=0;t=3600, "tracking-number-day";r=1;t=57600',
    },
    problem: null,
  });
  assert.equal(byNumber.take('1001').problem?.headers?.['retry-after'], '1800');
  nowMs = hourMs;
  assert.equal(byNumber.look('1001').problem, null, 'a look does not count');
  assert.equal(byNumber.take('1001').problem, null, 'one that the hour refused does not count for the day');
  byNumber.take('1001');
  byNumber.take('1001');
  const { problem } = byNumber.take('1001');
  assert.equal(problem?.headers?.['ratelimit-policy'], '"tracking-number-day";q=3;w=86400');
  assert.equal(problem?.headers?.['retry-after'], '25200');
  assert.equal(problem?.detail, '3 requests a day are allowed. Try again in 25200 seconds.');
  assert.equal(byNumber.take('1002').problem, null);
  nowMs = 8 * hourMs - 1;
  assert.equal(byNumber.take('1001').problem?.headers?.['retry-after'], '1');
  nowMs += 1;
  assert.equal(byNumber.take('1001').problem, null);
  const byDay = 'tracking-number-day';
  assert.deepEqual(
    limited,
    ['tracking-number', byDay, byDay, byDay, byDay],
    'those that the day refused do not count for the hour',
  );
});

test('an IPv6 address counts for its /64, however it is written', () => {
  for (const [address, counted] of [
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8:0:0:ffff::', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
    [null, 'unknown'],
  ] as const)
    assert.equal(limitedAddress(address), counted, `${address}`);
});
