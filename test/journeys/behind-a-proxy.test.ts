/** A shop that clients reach through a proxy. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startService } from '../service.ts';

const order = {
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  state: 'TX',
  zip_code: '73301',
  lines: [{ sku: 'tent-4p', quantity: 1 }],
};

type Headers = Readonly<Record<string, string>>;

describe('a proxy that ends TLS', () => {
  const said: readonly Headers[] = [
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-proto': 'HTTPS' },
    { 'x-forwarded-proto': 'https,http' },
    { 'x-forwarded-proto': 'https, http' },
    { forwarded: 'for=192.0.2.1;proto=https, for=10.0.0.1' },
  ];

  it('makes cookies Secure and sends HSTS, however it says so', async () => {
    await using service = await startService({ env: { LOG_FILE: '', TRUST_PROXY: 'true' } });
    for (const headers of said) {
      const placed = await service.post('/api/v1/orders', order, headers);
      assert.match(placed.headers.get('set-cookie') ?? '', /; Secure$/, JSON.stringify(headers));
      const page = await service.get('/', headers);
      assert.match(page.headers.get('strict-transport-security') ?? '', /^max-age=/);
    }
    const plain = await service.post('/api/v1/orders', order, { 'x-forwarded-proto': 'http,https' });
    assert.doesNotMatch(plain.headers.get('set-cookie') ?? '', /Secure/);
  });

  it('is not believed unless it is ours', async () => {
    await using service = await startService({ env: { LOG_FILE: '' } });
    for (const headers of said) {
      const placed = await service.post('/api/v1/orders', order, headers);
      assert.doesNotMatch(placed.headers.get('set-cookie') ?? '', /Secure/);
      assert.equal((await service.get('/', headers)).headers.get('strict-transport-security'), null);
    }
  });
});
