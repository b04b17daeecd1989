/** Refused keys, used-up limits, and changes of catalogue and stock are counted, each once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openShop, type Shop } from '../journeys/open-shop.ts';
import { get, postJson, send } from '../journeys/shop-client.ts';

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** The series of a metric that are above 0, as `label value`. */
async function counted({ url }: Shop, metric: string): Promise<readonly string[]> {
  const { text } = await get(`${url}/metrics`);
  const samples = Array.from(text.matchAll(new RegExp(`^${metric}\\{\\w+="([^"]+)"\\} (\\d+)$`, 'gm')));
  assert.ok(samples.length > 0, `${metric} has series from the start on`);
  return samples.filter(([, , value]) => value !== '0').map(([, label, value]) => `${label} ${value}`);
}

describe('what is counted', () => {
  test('tells why requests were not let in', async () => {
    const shop = await openShop({
      settings: { RATE_LIMIT_KEY_PER_MINUTE: '4', RATE_LIMIT_ADDRESS_PER_MINUTE: '6' },
    });
    try {
      const make = async (name: string, ...rest: string[]) =>
        (
          await shop.run(['keys', 'create', '--name', name, '--scopes', 'orders:read', ...rest])
        ).stdout.trim();
      const [reader, gone] = [await make('reader', '--expires-in-days', '5'), await make('gone')];
      await shop.run(['keys', 'revoke', 'gone']);
      assert.deepEqual(await counted(shop, 'nozama_access_refusals_total'), []);

      const orders = (headers = {}) => get(`${shop.url}/api/v1/orders`, headers);
      assert.equal((await orders()).status, 401);
      assert.equal((await orders(bearer('nzm_short'))).status, 401);
      assert.equal(
        (await orders(bearer(`${gone.slice(0, -1)}${gone.endsWith('0') ? '1' : '0'}`))).status,
        401,
      );
      assert.equal((await orders(bearer(gone))).status, 401);
      assert.equal((await orders(bearer(reader))).status, 200);
      // Of an endpoint, and of a parameter.
      assert.equal((await get(`${shop.url}/api/v1/audit`, bearer(reader))).status, 403);
      assert.equal((await get(`${shop.url}/api/v1/orders?q=ada`, bearer(reader))).status, 403);
      assert.deepEqual(await counted(shop, 'nozama_access_refusals_total'), [
        'malformed 1',
        'unknown 1',
        'revoked 1',
        'no_key 1',
        'insufficient_scope 2',
      ]);
      const { text } = await get(`${shop.url}/metrics`);
      const expiry = Number(/^nozama_api_key_expiry_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
      assert.ok(Math.abs(expiry - (Date.now() / 1000 + 5 * 86_400)) < 3_600, `${expiry}`);

      assert.deepEqual(await counted(shop, 'nozama_requests_limited_total'), []);
      const untilLimited = async (headers = {}) => {
        for (let asked = 1; asked <= 8; asked += 1) if ((await orders(headers)).status === 429) return;
        assert.fail('no request was one too many');
      };
      for (const headers of [bearer(reader), {}, bearer(gone)]) await untilLimited(headers);
      assert.deepEqual(await counted(shop, 'nozama_requests_limited_total'), [
        'key 1',
        'address 1',
        'refused-key 1',
      ]);
    } finally {
      await shop.close();
    }
  });

  test('tells what became of products, stock and lists of them', async () => {
    const shop = await openShop();
    try {
      const scopes = 'catalog:write,stock:write';
      const key = (await shop.run(['keys', 'create', '--name', 'erp', '--scopes', scopes])).stdout.trim();
      const headers = bearer(key);
      for (const metric of ['product_changes', 'stock_movements', 'import_lines'])
        assert.deepEqual(
          await counted(shop, `nozama_${metric}_total`),
          [],
          'the demo catalogue is no change',
        );

      const receipt = { reference: 'R-1', lines: [{ sku: 'tent-4p', units: 2 }] };
      for (let turn = 1; turn <= 2; turn += 1)
        await postJson(`${shop.url}/api/v1/stock/receipts`, receipt, headers);
      const theft = { reason: 'theft', lines: [{ sku: 'tent-4p', units: -1 }] };
      await postJson(`${shop.url}/api/v1/stock/adjustments`, theft, headers);
      assert.deepEqual(await counted(shop, 'nozama_stock_movements_total'), ['receipt 1', 'theft 1']);

      const importList = async (list: string, query = '') => {
        const { status, text } = await send(`${shop.url}/api/v1/products/import${query}`, {
          method: 'POST',
          body: list,
          headers: { ...headers, 'content-type': 'text/csv' },
        });
        return `${status} ${text}`;
      };
      const list = 'sku,name,price\nmug-1,Mug,1.00\nmug-2,Mug,2.00\n';
      assert.match(await importList(list, '?dry_run=true'), /^200 /);
      assert.match(await importList(list), /^200 /);
      assert.match(await importList(list.replace('2.00', '3.00')), /^200 /);
      assert.match(await importList(`${list}mug-3,Mug,dear\n`), /^422 /);
      assert.match(await importList(`${list}mug-3,Mug,dear\n`, '?skip_bad_lines=true&reference=x'), /^200 /);
      assert.deepEqual(await counted(shop, 'nozama_product_changes_total'), ['added 2', 'changed 2']);
      assert.deepEqual(await counted(shop, 'nozama_import_lines_total'), ['taken 6', 'refused 4']);
    } finally {
      await shop.close();
    }
  });
});
