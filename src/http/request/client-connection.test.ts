import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, forwardedProtocol } from './client-connection.ts';

const protocol = (headers: Record<string, string>) => forwardedProtocol(new Headers(headers));

test('X-Forwarded-Proto is read as proxies write it: alone, in a list, in capitals', () => {
  for (const [value, expected] of [
    ['https', 'https'],
    ['http', 'http'],
    ['HTTPS', 'https'],
    ['https,http', 'https'],
    ['https, http', 'https'],
    ['http,https', 'http'],
    [' https , http , http ', 'https'],
    ['', ''],
    [',https', ''],
    ['httpsx', 'httpsx'],
  ] as const)
    assert.equal(protocol({ 'x-forwarded-proto': value }), expected, value);
});

test('Forwarded is read when X-Forwarded-Proto is missing', () => {
  for (const [value, expected] of [
    ['proto=https', 'https'],
    ['for=192.0.2.43;Proto=HTTPS;by=203.0.113.43', 'https'],
    ['for="[2001:db8::1]";proto="https"', 'https'],
    ['for="a,b";proto=https, for=10.0.0.1;proto=http', 'https'],
    ['for="proto=https";proto=http', 'http'],
    ['for=10.0.0.1, for=10.0.0.2;proto=https', null],
    ['for=10.0.0.1', null],
    ['', null],
  ] as const)
    assert.equal(protocol({ forwarded: value }), expected, value);
  assert.equal(protocol({ 'x-forwarded-proto': 'http', forwarded: 'proto=https' }), 'http');
  assert.equal(protocol({}), null);
});

test('a long header costs no more than its length', () => {
  const startedAt = performance.now();
  for (const value of ['"'.repeat(8_000), 'a='.repeat(4_000), '\\"'.repeat(4_000), `${'a'.repeat(8_000)}`])
    protocol({ forwarded: value });
  assert.ok(performance.now() - startedAt < 100);
});

test('the address is the last one that our proxy has added, and the proxy’s word counts with TRUST_PROXY alone', () => {
  const addressOf = (forwarded: string | null, trustProxy = true, peer: string | null = '10.0.0.1') => {
    const headers = new Headers(forwarded === null ? {} : { 'x-forwarded-for': forwarded });
    return clientAddress(
      { trustProxy },
      { request: { headers } as Request, exchange: { peerAddress: () => peer } },
    );
  };
  for (const [forwarded, expected] of [
    ['203.0.113.7', '203.0.113.7'],
    // A client that claims to be another is seen by the proxy as what it is.
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['198.51.100.1,198.51.100.2,203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['2001:DB8::7', '2001:db8::7'],
    ['[2001:db8::7]:51234', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    // What is no address is no word of our proxy.
    ['203.0.113.7, unknown', '10.0.0.1'],
    ['203.0.113.7,', '10.0.0.1'],
    ['203.0.113.700', '10.0.0.1'],
    ['"203.0.113.7"', '10.0.0.1'],
    ['', '10.0.0.1'],
    [null, '10.0.0.1'],
  ] as const)
    assert.equal(addressOf(forwarded), expected, `${forwarded}`);
  assert.equal(addressOf('203.0.113.7', false), '10.0.0.1');
  assert.equal(addressOf(null, false, '::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressOf(null, false, null), null);
});
