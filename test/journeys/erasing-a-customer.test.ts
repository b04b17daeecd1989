/** A person is erased from all their orders: by the API and on the command line. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { emailLengthMax } from '../../src/domain/email-address.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  type Answer,
  anOrder,
  get,
  type Json,
  jsonOf,
  keyIn,
  place,
  postJson,
  postOrder,
} from './shop-client.ts';

const engine = engineOf(import.meta.url);

describe(`erasing a customer (${engine})`, () => {
  let shop: Shop;
  let desk: string;
  const keyOf = async (name: string, scopes: string) =>
    (await shop.run(['keys', 'create', '--name', name, '--scopes', scopes])).stdout.trim();
  before(async () => {
    shop = await openShop({ engine, settings: { DEMO_STOCK: '500' } });
    desk = await keyOf('desk', 'orders:write,orders:read,customers:read,audit:read');
  });
  after(async () => {
    if (shop === undefined) return;
    const { code, output } = await shop.verify();
    await shop.close();
    assert.equal(code, 0, output);
  });

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const erase = (body: unknown, key = desk): Promise<Answer> =>
    postJson(`${shop.url}/api/v1/customers/erase`, body, bearer(key));
  const erasedBy = async (email: string): Promise<Json> => {
    const answer = await erase({ email });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    return jsonOf(answer);
  };
  const person = (name: string) => ({
    customer_name: `${name} Canary`,
    street_address: `7 ${name} Nest`,
    address_line_2: `Perch ${name}`,
    zip_code: '78701-1234',
    email: `${name.toLowerCase()}@birds.example`,
  });
  const shownOf = async (order: Json): Promise<Json> =>
    jsonOf(await get(`${shop.url}/api/v1/orders/${order.order_id}`, bearer(desk)));
  const auditOf = async (orderId: string): Promise<readonly Json[]> => {
    const { entries } = jsonOf(await get(`${shop.url}/api/v1/audit?limit=100`, bearer(desk)));
    return entries.filter(({ subject }: Json) => subject === `order:${orderId}`);
  };

  it('replaces name, street, email and the end of the ZIP code of each order, and leaves the figures', async () => {
    const first = await place(shop.url, person('Wren'), 'wren-1');
    const second = await place(shop.url, { ...person('Wren'), email: ' WREN@Birds.Example ' });
    const other = await place(shop.url, person('Robin'));
    const before = await shownOf(first);
    assert.deepEqual(await erasedBy('wren@BIRDS.example'), { orders_erased: 2, next_cursor: null });
    for (const order of [first, second]) {
      const { shipping, total, lines } = await shownOf(order);
      const { address_line_2: _, ...address } = before.shipping;
      const replaced = { customer_name: 'Erased', street_address: 'Erased', zip_code: '78701', email: null };
      assert.deepEqual(shipping, { ...address, ...replaced });
      assert.deepEqual([total, lines], [before.total, before.lines]);
    }
    assert.equal((await shownOf(other)).shipping.email, 'robin@birds.example');
    const seen = [
      await get(`${shop.url}/api/v1/orders?limit=100`, bearer(desk)),
      await get(`${shop.url}/api/v1/orders?q=wren`, bearer(desk)),
      await get(`${shop.url}/api/v1/audit?limit=100`, bearer(desk)),
      await get(`${shop.url}/api/v1/orders/${first.order_id}/events`, bearer(desk)),
      await get(`${shop.url}/orders/${first.order_id}?key=${keyIn(first.confirmation_url)}`),
      await postOrder(shop.url, anOrder(person('Wren')), 'wren-1'),
    ];
    for (const { text } of seen) assert.doesNotMatch(text.replace('q=wren', ''), /wren/i);
    assert.match(seen[3]?.text ?? '', /com\.nozama\.order\.erased\.v1/);
    const [entry] = await auditOf(second.order_id);
    assert.deepEqual([entry.actor, entry.action, entry.detail.by], ['key:desk', 'order.erase', 'email']);
  });

  it('answers the same for an email that was erased, and one that nobody has', async () => {
    await place(shop.url, person('Heron'));
    assert.equal((await erasedBy('heron@birds.example')).orders_erased, 1);
    const again = await erase({ email: 'heron@birds.example' });
    const nobody = await erase({ email: 'nobody@birds.example' });
    assert.deepEqual([again.status, again.text], [200, nobody.text]);
    assert.deepEqual(jsonOf(nobody), { orders_erased: 0, next_cursor: null });
  });

  it('erases orders that are placed afterwards only when it is asked again', async () => {
    await place(shop.url, person('Finch'));
    assert.equal((await erasedBy('finch@birds.example')).orders_erased, 1);
    const later = await place(shop.url, person('Finch'));
    assert.equal((await shownOf(later)).shipping.email, 'finch@birds.example');
    assert.equal((await erasedBy('finch@birds.example')).orders_erased, 1);
  });

  it('erases all of many orders while others are placed and cancelled', async () => {
    const mine = await Promise.all(Array.from({ length: 60 }, () => place(shop.url, person('Swift'))));
    const cancelled = mine
      .slice(0, 20)
      .map(({ order_id, confirmation_url }) =>
        postJson(
          `${shop.url}/api/v1/orders/${order_id}/cancel`,
          { reason: 'Swift is away' },
          { 'order-key': keyIn(confirmation_url), 'if-match': '*' },
        ),
      );
    const others = Array.from({ length: 20 }, () => place(shop.url, person('Lark')));
    const [{ orders_erased }] = await Promise.all([erasedBy('swift@birds.example'), ...others]);
    assert.deepEqual(new Set((await Promise.all(cancelled)).map(({ status }) => status)), new Set([200]));
    assert.equal(orders_erased, 60);
    for (const { order_id } of mine) {
      const { text } = await get(`${shop.url}/api/v1/orders/${order_id}/events`, bearer(desk));
      assert.doesNotMatch(text, /swift/i);
    }
  });

  it('needs both scopes', async () => {
    for (const scopes of ['orders:write', 'customers:read,orders:read']) {
      const key = await keyOf(scopes.replaceAll(/\W/g, '-'), scopes);
      assert.equal((await erase({ email: 'ada@example.com' }, key)).status, 403, scopes);
    }
  });

  it('refuses bad input with the field and the remedy', async () => {
    const mistakes: readonly (readonly [unknown, string])[] = [
      [{}, '/email required'],
      [{ email: ' ' }, '/email required'],
      [{ email: 7 }, '/email wrong_type'],
      [{ email: 'ada.example.com' }, '/email invalid_email'],
      [{ email: `@${'x'.repeat(emailLengthMax)}` }, '/email invalid_email'],
      [{ email: 'ada@example.com', cursor: '0' }, '/cursor invalid_cursor'],
      [{ email: 'ada@example.com', name: 'Ada' }, '/name unknown_field'],
    ];
    for (const [body, mistake] of mistakes) {
      const answer = await erase(body);
      assert.equal(answer.status, 422, answer.text);
      const found = jsonOf(answer).errors.map(({ pointer, code }: Json) => `${pointer} ${code}`);
      assert.deepEqual(found, [mistake]);
    }
    const longest = await erase({ email: `@${'x'.repeat(emailLengthMax - 1)}`, cursor: null });
    assert.deepEqual(jsonOf(longest), { orders_erased: 0, next_cursor: null });
  });

  it('goes on below its cursor', async () => {
    const { number } = await place(shop.url, person('Crane'));
    const below = { email: 'crane@birds.example', cursor: String(number) };
    assert.equal(jsonOf(await erase(below)).orders_erased, 0);
    assert.equal(jsonOf(await erase({ ...below, cursor: String(number + 1) })).orders_erased, 1);
  });

  it('works on the command line, and again for orders that a backup has brought back', async () => {
    const order = await place(shop.url, person('Stork'));
    const kept = await place(shop.url, person('Stork'));
    const listed = join(shop.folder, 'erased.txt');
    const unknown = '01900000-0000-7000-8000-000000000000';
    await writeFile(listed, `${order.order_id.toUpperCase()}\r\n\n${unknown}\n`);
    const one = await shop.run(['customers', 'erase', '--orders', listed]);
    assert.deepEqual([one.code, one.output], [0, '1 erased, 0 erased before, 1 not in this shop.\n']);
    const byEmail = await shop.run(['customers', 'erase', '--email', 'STORK@birds.example']);
    assert.deepEqual([byEmail.code, byEmail.output], [0, '1 order is erased.\n']);
    const again = await shop.run(['customers', 'erase', '--email', 'stork@birds.example']);
    assert.equal(again.output, 'No order has this email, or has it any more: nothing changed.\n');
    const { stdout } = await shop.run(['customers', 'erased']);
    assert.deepEqual(stdout.trim().split('\n').slice(-2), [order.order_id, kept.order_id]);
    await writeFile(listed, stdout);
    const repeated = await shop.run(['customers', 'erase', '--orders', listed]);
    assert.match(repeated.output, /^0 erased, \d+ erased before, 0 not in this shop\.\n$/);
    const [entry] = await auditOf(kept.order_id);
    assert.deepEqual([entry.actor, entry.detail.by], ['cli', 'email']);
    assert.doesNotMatch(JSON.stringify(entry), /stork/i);
  });

  it('says on the command line what is wrong', async () => {
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['customers'], 2, /needs erase or erased/],
      [['customers', 'erase'], 2, /needs either --email EMAIL or --orders FILE/],
      [['customers', 'erase', '--email', 'a@b.example', '--orders', 'x'], 2, /needs either/],
      [['customers', 'erased', '--email', 'a@b.example'], 2, /takes no options/],
      [['customers', 'erase', '--email', 'stork'], 2, /must be an email address/],
      [['customers', 'erase', '--orders', 'package.json'], 1, /package\.json can't be read/],
      [['customers', 'erase', '--orders', shop.folder], 1, /can't be read/],
    ];
    for (const [args, code, words] of cases) {
      const ended = await shop.run(args);
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, words);
      assert.doesNotMatch(ended.output, /b\.example|stork/);
    }
    const wrong = join(shop.folder, 'wrong.txt');
    await writeFile(wrong, '\nstork@birds.example\n');
    const ended = await shop.run(['customers', 'erase', '--orders', wrong]);
    assert.deepEqual([ended.code, ended.stdout], [2, '']);
    assert.match(ended.output, /^Line 2 of --orders must be the id of an order/);
  });
});
