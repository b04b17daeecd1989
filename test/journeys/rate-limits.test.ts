/** Rate limits by address and by key, as clients meet them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withShop } from './open-shop.ts';
import { anOrder, get, jsonOf, postJson } from './shop-client.ts';

const productsOf = (url: string) => `${url}/api/v1/products`;

describe('rate limits', () => {
  it('are off unless they are set, and then no field tells of them', () =>
    withShop({}, async ({ url }) => {
      for (let i = 0; i < 50; i += 1) {
        const { status, headers } = await get(productsOf(url));
        assert.equal(status, 200);
        assert.equal(headers.get('ratelimit'), null);
      }
    }));

  it('by address refuse one request too many with 429, on every endpoint but health checks', () =>
    withShop({ settings: { RATE_LIMIT_ADDRESS_PER_MINUTE: '4' } }, async ({ url }) => {
      for (let left = 3; left >= 1; left -= 1) {
        const answer = await get(productsOf(url));
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('ratelimit-policy'), '"address";q=4;w=60');
        assert.match(answer.headers.get('ratelimit') ?? '', new RegExp(`^"address";r=${left};t=\\d+$`));
      }
      const order = await postJson(`${url}/api/v1/orders`, anOrder());
      assert.equal(order.status, 201, order.text);
      assert.match(order.headers.get('ratelimit') ?? '', /^"address";r=0;/);
      for (const refused of [await get(productsOf(url)), await postJson(`${url}/api/v1/orders`, anOrder())]) {
        assert.equal(refused.status, 429, refused.text);
        assert.equal(jsonOf(refused).code, 'rate_limited');
        const seconds = Number(refused.headers.get('retry-after'));
        assert.ok(seconds >= 1 && seconds <= 15, `${seconds}`);
      }
      for (let i = 0; i < 10; i += 1) assert.equal((await get(`${url}/livez`)).status, 200);
      assert.equal((await get(`${url}/readyz`)).status, 200);
    }));

  it('by address count the page, not its files, unless they or a path do not exist', () =>
    withShop({ settings: { RATE_LIMIT_ADDRESS_PER_MINUTE: '4' } }, async ({ url }) => {
      const page = await get(`${url}/`, { accept: 'text/html' });
      assert.match(page.headers.get('ratelimit') ?? '', /^"address";r=3;/);
      const files = Array.from(page.text.matchAll(/"(\/(?:assets|images)\/[^"]+)"/g), ([, path]) => path);
      assert.ok(files.length > 20, `${files.length} files`);
      const load = async () => {
        for (const path of files) assert.equal((await get(`${url}${path}`)).status, 200, path);
      };
      await load();
      for (const path of ['/none', '/images/none.svg', '/assets/none.css'])
        assert.equal((await get(`${url}${path}`)).status, 404, path);
      for (const path of ['/none', '/images/none.svg', '/api/v1/products'])
        assert.equal((await get(`${url}${path}`)).status, 429, path);
      await load();
    }));

  it('by address do not refuse a valid key when others have used up the address', () =>
    withShop(
      { settings: { RATE_LIMIT_KEY_PER_MINUTE: '9', RATE_LIMIT_ADDRESS_PER_MINUTE: '2' } },
      async ({ url, run }) => {
        const { stdout } = await run(['keys', 'create', '--name', 'erp', '--scopes', 'keys:write']);
        const list = (key: string) => get(`${url}/api/v1/api-keys`, { authorization: `Bearer ${key}` });
        for (const status of [200, 200, 429]) assert.equal((await get(productsOf(url))).status, status);
        assert.equal((await list(stdout.trim())).status, 200);
        const wrong = `nzm_${'a'.repeat(8)}_${'b'.repeat(43)}`;
        for (const status of [401, 401, 429]) assert.equal((await list(wrong)).status, status);
      },
    ));

  it('know a client behind our proxy by the address that the proxy adds, never by what it claims', () =>
    withShop({ settings: { RATE_LIMIT_ADDRESS_PER_MINUTE: '2', TRUST_PROXY: 'true' } }, async ({ url }) => {
      const from = (forwarded: string) => get(productsOf(url), { 'x-forwarded-for': forwarded });
      assert.equal((await from('203.0.113.7')).status, 200);
      assert.equal((await from('198.51.100.1, 203.0.113.7')).status, 200);
      assert.equal((await from('198.51.100.2, 198.51.100.3, 203.0.113.7')).status, 429);
      assert.equal((await from('203.0.113.7, 203.0.113.8')).status, 200, 'another client');
    }));

  it('do not believe X-Forwarded-For without TRUST_PROXY', () =>
    withShop({ settings: { RATE_LIMIT_ADDRESS_PER_MINUTE: '2' } }, async ({ url }) => {
      const from = (forwarded: string) => get(productsOf(url), { 'x-forwarded-for': forwarded });
      assert.equal((await from('203.0.113.1')).status, 200);
      assert.equal((await from('203.0.113.2')).status, 200);
      assert.equal((await from('203.0.113.3')).status, 429);
    }));

  it('by key do not hide that the key was revoked, also where it is not read for each request', () =>
    withShop(
      { settings: { RATE_LIMIT_KEY_PER_MINUTE: '3', RATE_LIMIT_ADDRESS_PER_MINUTE: '2' } },
      async ({ url, run }) => {
        const key = (
          await run(['keys', 'create', '--name', 'erp', '--scopes', 'orders:write'])
        ).stdout.trim();
        const headers = { authorization: `Bearer ${key}`, 'if-match': '*' };
        const pack = () =>
          postJson(`${url}/api/v1/orders/01a20abe-a87a-759a-9e6e-e93f1203bf65/pack`, {}, headers);
        for (const status of [404, 404, 404, 429]) assert.equal((await pack()).status, status);
        assert.equal((await run(['keys', 'revoke', 'erp'])).code, 0);
        for (const status of [401, 401]) {
          const answer = await pack();
          assert.equal(answer.status, status, answer.text);
          assert.match(answer.headers.get('ratelimit') ?? '', /^"refused-key";/);
        }
        assert.equal((await pack()).status, 429, 'refused requests count for the address');
      },
    ));

  it('by key count a caller by its key alone; keys that are refused count for the address', () =>
    withShop(
      { settings: { RATE_LIMIT_KEY_PER_MINUTE: '3', RATE_LIMIT_ADDRESS_PER_MINUTE: '2' } },
      async ({ url, run }) => {
        const made = async (name: string) =>
          (await run(['keys', 'create', '--name', name, '--scopes', 'keys:write'])).stdout.trim();
        const [first, second] = [await made('first'), await made('second')];
        const list = (key: string) => get(`${url}/api/v1/api-keys`, { authorization: `Bearer ${key}` });
        for (const key of [first, second]) {
          for (const left of [2, 1, 0]) {
            const answer = await list(key);
            assert.equal(answer.status, 200, answer.text);
            assert.equal(answer.headers.get('ratelimit-policy'), '"key";q=3;w=60');
            assert.match(answer.headers.get('ratelimit') ?? '', new RegExp(`^"key";r=${left};`));
          }
          assert.equal((await list(key)).status, 429);
        }
        const wrong = `${first.slice(0, -1)}${first.endsWith('a') ? 'b' : 'a'}`;
        assert.equal((await list(wrong)).status, 401);
        assert.equal((await list(wrong)).status, 401);
        assert.equal((await list(wrong)).status, 429, 'guessing is over');
      },
    ));
});
