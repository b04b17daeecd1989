import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lives, stepsInHundred } from './mixed-workload.ts';
import { createWorkload } from './workload.ts';

const options = {
  name: 'mix',
  host: '127.0.0.1:5000',
  skus: ['mug', 'tent-4p'],
  seed: 7,
  keyKind: 'uuidv7',
  pagePaths: [],
  apiKey: 'nzm_test',
  healthPath: '/livez',
  acceptStatuses: [],
} as const;

interface Sent {
  readonly route: string;
  readonly text: string;
}

/** One user after the other sends a request and gets its answer. */
function drive(
  count: number,
  users: number,
  statusOf: (sent: Sent) => number = statusAsExpected,
): readonly Sent[] {
  const workload = createWorkload(options);
  const journeys = Array.from({ length: users }, (_, id) => workload.journeysOf(id));
  let orders = 0;
  return Array.from({ length: count }, (_, nth) => {
    const user = journeys[nth % users] ?? assert.fail('no user');
    const request = user.begin();
    assert.ok(request?.kind === 'request');
    const sent = { route: request.route, text: Buffer.from(request.bytes).toString() };
    orders += 1;
    const sku = /"sku":"([^"]+)"/.exec(sent.text)?.[1];
    const body = `{"order_id":"o-${orders}","lines":[{"sku":"${sku}"}]}`;
    const next = user.answered(statusOf(sent), () => Buffer.from(request.keepsBody ? body : ''));
    assert.equal(next, null, 'a journey is one request');
    return sent;
  });
}

function statusAsExpected({ route }: Sent): number {
  return route === 'POST /api/v1/orders' || route.endsWith('/shipments') ? 201 : 200;
}

const stepsOf = (sent: readonly Sent[]) => sent.filter(({ route }) => route !== 'POST /api/v1/orders');
const orderOf = ({ text }: Sent) => /\/orders\/([^/ ]+)\//.exec(text)?.[1] ?? '';
const nameOf = ({ text }: Sent) => /\/orders\/[^/ ]+\/(\S+) HTTP/.exec(text)?.[1] ?? '';

test('one request of ten is a step, each of its own kind', () => {
  const sent = drive(40_000, 16);
  const share = stepsOf(sent).length / sent.length;
  assert.ok(Math.abs(share - stepsInHundred / 100) < 0.01, `${share}`);
  const names = Map.groupBy(stepsOf(sent), nameOf);
  assert.deepEqual([...names.keys()].sort(), [
    'cancel',
    'pack',
    'returns',
    'shipments',
    'shipments/1/deliver',
  ]);
  const shareOf = (name: string) => (names.get(name)?.length ?? 0) / stepsOf(sent).length;
  // 80 of 270 steps of a hundred lives.
  assert.ok(Math.abs(shareOf('pack') - 80 / 270) < 0.03, `${shareOf('pack')}`);
  assert.ok(Math.abs(shareOf('cancel') - 25 / 270) < 0.03, `${shareOf('cancel')}`);
  assert.ok(Math.abs(shareOf('returns') - 15 / 270) < 0.03, `${shareOf('returns')}`);
});

test('the lives are of a hundred orders', () => {
  assert.equal(
    lives.reduce((sum, { inHundred }) => sum + inHundred, 0),
    100,
  );
});

test('each order that was placed goes through one life, a step at a time', () => {
  const paths: Readonly<Record<string, string>> = {
    pack: 'pack',
    ship: 'shipments',
    deliver: 'shipments/1/deliver',
    return: 'returns',
    cancel: 'cancel',
  };
  const allowed = lives.map(({ steps }) => steps.map((name) => paths[name]).join(' '));
  for (const taken of Map.groupBy(stepsOf(drive(20_000, 16)), orderOf).values()) {
    const names = taken.map(nameOf).join(' ');
    assert.ok(
      allowed.some((life) => life === names || life.startsWith(`${names} `)),
      names,
    );
  }
});

test('a step shows the API key, a condition and a key of its own, and is well framed', () => {
  const keys = new Set<string>();
  const steps = stepsOf(drive(5_000, 4));
  for (const { text } of steps) {
    assert.match(text, /\r\nAuthorization: Bearer nzm_test\r\nIf-Match: \*\r\n/);
    keys.add(/\r\nIdempotency-Key: (\S{36})\r\n/.exec(text)?.[1] ?? '');
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    assert.equal(Number(/\r\nContent-Length: (\d+)/.exec(text)?.[1]), body.length);
    JSON.parse(body);
  }
  assert.equal(keys.size, steps.length);
});

test('an order that was not placed, or whose step was refused, gets no further step', () => {
  assert.equal(stepsOf(drive(2_000, 4, () => 503)).length, 0);
  const refused = stepsOf(
    drive(5_000, 4, (sent) => (sent.route.endsWith('/pack') ? 409 : statusAsExpected(sent))),
  );
  assert.ok(refused.length > 300);
  assert.ok(refused.every((step) => ['pack', 'cancel'].includes(nameOf(step))));
});

test('needs an API key', () => {
  assert.throws(() => createWorkload({ ...options, apiKey: null }), /API key/);
});
