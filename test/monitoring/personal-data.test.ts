/** The outputs that an operator can read without opening the database: log, metrics and standard output. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { takeAwayTable, until } from '../journeys/behind-the-service.ts';
import { anOrder, get, keyIn, place, postForm, postJson, postOrder } from '../journeys/shop-client.ts';
import { startService } from '../service.ts';

/** Each is unique, so that it is found wherever it ends up. */
const canaries = {
  customer_name: 'Canaryname Vogelsang',
  street_address: '77 Canarystreet',
  city: 'Canarycity',
  zip_code: '77077',
  email: 'canarymail@canary.example',
};
const canary = /canary|vogelsang|77077/i;

const linesOf = (dir: string): Record<string, unknown>[] =>
  readFileSync(join(dir, 'logs/app.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const linesAbout = (dir: string, requestId: string) =>
  linesOf(dir).filter((line) => line['request_id'] === requestId);

const page = { accept: 'text/html' };

describe('the log', () => {
  test('and the metrics hold no personal data, whatever becomes of an order', async () => {
    await using service = await startService({ env: { LOG_LEVEL: 'debug' } });
    const order = anOrder(canaries);
    const { url } = service;

    const { confirmation_url, order_id } = await place(url, canaries, 'one-key');
    await postOrder(url, order, 'one-key');
    await postOrder(url, { ...order, customer_name: 'Canaryname Other' }, 'one-key');
    await postOrder(url, { ...order, lines: [{ sku: 'canary-sku', quantity: 1 }] });
    await postOrder(url, { ...order, zip_code: 'canary', email: 'canary' });
    await postOrder(url, { ...order, lines: [{ sku: 'tent-4p', quantity: 999 }] });
    await postJson(`${url}/api/v1/orders`, `{"customer_name":"Canaryname Vogelsang`);
    await postForm(url, { ...canaries, state: 'TX', sku: 'tent-4p', quantity: 'canary' }, page);
    await get(`${url}/canaryname/77077?email=canarymail@canary.example`, page);
    await get(`${url}/orders/canary?key=canary`, page);
    await get(`${url}/api/v1/products/canary`);
    assert.match((await get(new URL(confirmation_url, url).href, page)).text, canary);
    const right = { 'order-key': keyIn(confirmation_url), 'if-match': '*' };
    for (const status of [200, 409]) {
      const body = { reason: 'Canaryname is ill' };
      const cancelled = await postJson(`${url}/api/v1/orders/${order_id}/cancel`, body, right);
      assert.equal(cancelled.status, status, cancelled.text);
    }
    const { number } = await place(url, canaries);
    for (const zip_or_email of ['canarymail@canary.example', '77077', 'canary', '77078']) {
      await postForm(`${url}/track`, { number: String(number), zip_or_email }, page);
      await postJson(`${url}/track`, { number: String(number), zip_or_email }, page);
    }
    const table = takeAwayTable(join(service.dir, 'data/nozama.db'), 'orders');
    assert.equal((await postOrder(url, order, 'another')).status, 503);
    await get(`${url}/orders/0190a5c0-0000-7000-8000-000000000000?key=canary`, page);
    table.putBack();
    const products = takeAwayTable(join(service.dir, 'data/nozama.db'), 'products');
    assert.equal((await get(`${url}/api/v1/products/canary`)).status, 503);
    products.putBack();
    const metrics = (await get(`${url}/metrics`)).text;
    await service.stop();

    const log = readFileSync(join(service.dir, 'logs/app.log'), 'utf8');
    assert.match(log, /order placed/);
    assert.match(log, /order step taken/);
    assert.match(log, /request failed/);
    assert.match(metrics, /nozama_orders_total/);
    for (const [name, text] of Object.entries({ log, metrics, output: service.logs() })) {
      const found = text.split('\n').filter((line) => canary.test(line));
      assert.deepEqual(found, [], name);
    }
  });

  test('has a line for each page with a request id, and no address that somebody typed', async () => {
    await using service = await startService();
    const { url, dir } = service;
    const idOf = async (path: string, status: number) => {
      const answer = await get(`${url}${path}`, page);
      assert.equal(answer.status, status, answer.text);
      const id = /request ([\w.-]+)/.exec(answer.text)?.[1] ?? assert.fail('no request id on the page');
      assert.equal(answer.headers.get('x-request-id'), id);
      return id;
    };
    const missing = await idOf('/orders/0190a5c0-0000-7000-8000-000000000000', 404);
    const unknown = await idOf('/what/somebody/typed', 404);
    const table = takeAwayTable(join(dir, 'data/nozama.db'), 'orders');
    const broken = await idOf('/orders/0190a5c0-0000-7000-8000-000000000000', 503);
    table.putBack();
    await until(() => linesAbout(dir, broken).length > 1, 'the line of a fault');

    const [line, ...more] = linesAbout(dir, missing);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [line?.['msg'], line?.['code'], line?.['status'], line?.['route']],
      ['problem page shown', 'order_not_found', 404, '/orders/:order_id'],
    );
    assert.equal(linesAbout(dir, unknown)[0]?.['route'], 'unknown');
    assert.doesNotMatch(readFileSync(join(dir, 'logs/app.log'), 'utf8'), /typed/);
    const fault = linesAbout(dir, broken).find(({ msg }) => msg === 'request failed');
    assert.match(JSON.stringify(fault?.['error']), /no such table/);
  });

  test('does not grow without bound when somebody asks for pages that are none', async () => {
    await using service = await startService({ env: { LOG_LEVEL: 'info' } });
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: 1_000 }, () => get(`${service.url}/nothing`, page).then(() => null)),
    );
    const seconds = Math.ceil((performance.now() - begun) / 1_000) + 1;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await get(`${service.url}/nothing`, page);
    await service.stop();
    const shown = linesOf(service.dir).filter(({ msg }) => msg === 'problem page shown');
    assert.ok(shown.length <= 10 * seconds + 1, `${shown.length} lines in ${seconds} s`);
    const suppressed = shown.reduce((sum, line) => sum + Number(line['like_this_suppressed'] ?? 0), 0);
    assert.equal(shown.length + suppressed, 1_001);
  });
});
