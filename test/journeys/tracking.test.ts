/** `/track`: an order is found by its number and its ZIP code or email, and nothing else is learned there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { engineOf, type Settings, type Shop, withShop } from './open-shop.ts';
import { type Answer, get, jsonOf, keyIn, place, postForm, postJson, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);
const asBrowser = { accept: 'text/html,*/*;q=0.8' };
const manyAnHour = {
  RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR: '1000',
  RATE_LIMIT_TRACKING_NUMBER_PER_HOUR: '1000',
};
const plenty = { ...manyAnHour, RATE_LIMIT_TRACKING_NUMBER_PER_DAY: '1000' };

const inShop = (settings: Settings, use: (shop: Shop) => Promise<void>) =>
  withShop({ engine, settings }, use);

function track(url: string, number: number | string, zip_or_email: string, headers = {}): Promise<Answer> {
  return postForm(`${url}/track`, { number: String(number), zip_or_email }, { ...asBrowser, ...headers });
}

describe(`tracking (${engine})`, () => {
  it('leads to the order’s page with the right to all of it', () =>
    inShop(plenty, async ({ url }) => {
      const order = await place(url, { zip_code: '78701-1234', email: 'Ada@Example.com' });
      for (const proof of [
        '78701',
        '78701-1234',
        '787011234',
        ' 78701 ',
        'ada@example.com',
        'ADA@EXAMPLE.COM',
      ]) {
        const found = await track(url, `#${order.number}`, proof);
        assert.equal(found.status, 303, proof);
        assert.equal(found.headers.get('location'), order.confirmation_url);
        assert.equal(found.headers.get('cache-control'), 'no-store');
        assert.match(found.headers.get('set-cookie') ?? '', /order_key=.*HttpOnly/);
      }
      const page = await get(`${url}${order.confirmation_url}`, asBrowser);
      assert.match(page.text, /Ada Lovelace/);
    }));

  it('answers JSON in JSON', () =>
    inShop(plenty, async ({ url }) => {
      const order = await place(url);
      const found = await postJson(`${url}/track`, { number: `${order.number}`, zip_or_email: '78701' });
      assert.equal(found.status, 200, found.text);
      const { order_id, number, confirmation_url, status } = order;
      assert.deepEqual(jsonOf(found), { order_id, number, status, confirmation_url });
      assert.equal(found.headers.get('cache-control'), 'no-store');
      const lost = await postJson(`${url}/track`, { number: `${number}`, zip_or_email: '10001' });
      assert.equal(lost.status, 404);
      assert.equal(jsonOf(lost).code, 'order_not_found');
      const wrong = await postJson(`${url}/track`, { number: 'x', zip_or_email: 'x', name: 'Ada' });
      assert.deepEqual(
        jsonOf(wrong).errors.map(
          ({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`,
        ),
        ['/number invalid_order_number', '/zip_or_email invalid_zip_or_email', '/name unknown_field'],
      );
    }));

  it('has one answer for a wrong ZIP code, a wrong email, an unknown number and an erased order', () =>
    inShop(plenty, async (shop) => {
      const { url } = shop;
      const order = await place(url);
      const noEmail = await place(url, { email: '' });
      const erased = await place(url);
      const made = await shop.run([
        'keys',
        'create',
        '--name',
        'desk',
        '--scopes',
        'orders:write,customers:read',
      ]);
      const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'if-match': '*' };
      const gone = await send(`${url}/api/v1/orders/${erased.order_id}/erase`, { method: 'POST', headers });
      assert.equal(gone.status, 200, gone.text);
      const tries: readonly (readonly [number: number, proof: string])[] = [
        [order.number, '78702'],
        [order.number, 'eve@example.com'],
        [order.number + 1_000, '78701'],
        [0, '78701'],
        [999_999_999_999_999, 'ada@example.com'],
        [noEmail.number, '@'],
        [erased.number, '78701'],
        [erased.number, 'ada@example.com'],
      ];
      const answers = new Set<string>();
      for (const [number, proof] of tries) {
        const { status, text } = await track(url, number, proof);
        assert.equal(status, 404, `${number} ${proof}`);
        // The form keeps what was typed, and nothing else differs.
        answers.add(text.replaceAll(/ value="[^"]*"/g, ''));
      }
      assert.equal(answers.size, 1);
    }));

  it('says what is wrong beside the field, and keeps what was typed', () =>
    inShop(plenty, async ({ url }) => {
      const answer = await track(url, '"><b>', 'somewhere');
      assert.equal(answer.status, 422);
      assert.match(answer.text, /value="&quot;&gt;&lt;b&gt;"/);
      assert.match(answer.text, /id="error-number">Enter the number/);
      assert.match(answer.text, /id="error-zip_or_email">Enter a ZIP code/);
      assert.equal((await postForm(`${url}/track`, {}, asBrowser)).status, 422);
      assert.equal((await track(url, '1'.repeat(10_000), 'x'.repeat(10_000))).status, 422);
    }));

  it('is the email alone where a state has few ZIP codes, whether or not there is such an order', () =>
    inShop(plenty, async ({ url }) => {
      const order = await place(url, { state: 'AS', city: 'Pago Pago', zip_code: '96799' });
      const answers = new Set<string>();
      for (const number of [order.number, order.number + 1_000]) {
        const refused = await track(url, number, '96799-1234');
        assert.equal(refused.status, 422);
        assert.match(refused.text, /id="error-zip_or_email">This state has few ZIP codes/);
        answers.add(refused.text.replaceAll(/ value="[^"]*"/g, ''));
        const json = await postJson(`${url}/track`, { number: String(number), zip_or_email: '96799' });
        assert.equal(json.status, 422);
        const [{ pointer, code }] = jsonOf(json).errors;
        assert.deepEqual([pointer, code], ['/zip_or_email', 'guessable_zip_code']);
      }
      assert.equal(answers.size, 1);
      assert.equal((await track(url, order.number, 'ada@example.com')).status, 303);
    }));

  it('is limited by address with nothing set, and says when to come again', () =>
    inShop({}, async ({ url }) => {
      for (let nth = 1; nth <= 10; nth += 1) assert.equal((await track(url, nth, '78701')).status, 404);
      const refused = await track(url, 11, '78701');
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get('retry-after'), '360');
      assert.equal(refused.headers.get('ratelimit-policy'), '"tracking-address";q=10;w=3600');
      assert.match(refused.text, /too many tries\. Please try again in 6 minutes/);
      assert.match(refused.text, /value="11"/);
      const json = await postJson(`${url}/track`, { number: '11', zip_or_email: '78701' });
      assert.equal(json.status, 429);
      assert.equal(jsonOf(json).code, 'rate_limited');
      assert.equal((await get(`${url}/track`, asBrowser)).status, 200);
    }));

  it('is counted by its outcome, and a found order is logged without a person', () =>
    inShop({ RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR: '3', LOG_FILE: 'logs/app.log' }, async (shop) => {
      const { url } = shop;
      const order = await place(url);
      const tries: Record<string, string> = {};
      for (const [id, zip_or_email, status] of [
        ['try-1', '78701', 303],
        ['try-2', '78702', 404],
        ['try-3', 'ada@example.com', 303],
        ['try-4', '78701', 429],
        ['try-5', 'x', 422],
      ] as const) {
        const answer = await track(url, order.number, zip_or_email, { 'x-request-id': id });
        assert.equal(answer.status, status, id);
      }
      const { text } = await get(`${url}/metrics`);
      for (const [, outcome = '', count = ''] of text.matchAll(
        /^nozama_tracking_tries_total\{outcome="(\w+)"\} (\d+)$/gm,
      ))
        tries[outcome] = count;
      assert.deepEqual(tries, { found: '2', not_found: '1', limited: '1' });
      await shop.stop();
      const lines = readFileSync(join(shop.folder, 'logs/app.log'), 'utf8').trimEnd().split('\n');
      const found = lines
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => msg === 'order found by its number');
      assert.deepEqual(
        found.map(({ time: _, ...fields }) => fields),
        ['try-1', 'try-3'].map((request_id) => ({
          level: 'info',
          order_id: order.order_id,
          request_id,
          msg: 'order found by its number',
        })),
      );
    }));

  it('is limited by number, whatever the addresses: nobody tries all ZIP codes of an order', () =>
    inShop({ TRUST_PROXY: 'true' }, async ({ url }) => {
      const order = await place(url);
      const from = (nth: number) => ({ 'x-forwarded-for': `198.51.100.${nth}` });
      for (let nth = 1; nth <= 10; nth += 1)
        assert.equal((await track(url, order.number, String(10_000 + nth), from(nth))).status, 404);
      const right = await track(url, `Order ${order.number}`, '78701', from(11));
      assert.equal(right.status, 429, 'not even the right one');
      assert.equal(right.headers.get('ratelimit-policy'), '"tracking-number";q=10;w=3600');
      assert.equal((await track(url, order.number + 1, '78701', from(11))).status, 404);
      assert.equal((await get(`${url}${order.confirmation_url}`, asBrowser)).status, 200);
      assert.ok(keyIn(order.confirmation_url));
    }));

  it('is limited by number and day, too: an hour’s tries do not come back all day', () =>
    inShop(manyAnHour, async ({ url }) => {
      const order = await place(url);
      for (let nth = 1; nth <= 20; nth += 1)
        assert.equal((await track(url, order.number, String(10_000 + nth))).status, 404, `${nth}`);
      const refused = await track(url, order.number, '78701');
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get('ratelimit-policy'), '"tracking-number-day";q=20;w=86400');
      assert.match(refused.text, /Please try again in 72 minutes/);
      assert.equal((await track(url, order.number + 1, '78701')).status, 404);
    }));
});
