/**
 * Persons with names that are found wherever they are: once they are erased, no file of a SQLite shop, no log, no
 * export, no backup of later and no answer has anything of them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from './behind-the-service.ts';
import { openShop, type Shop } from './open-shop.ts';
import { type Answer, get, type Json, jsonOf, keyIn, place, postJson, send } from './shop-client.ts';

/** Of the shoppers, as the proxy in front tells it. */
const address = '203.0.113.77';
const canary = /kanarie|birdcage|203\.0\.113\.77/i;

/** Of one person, each part found by {@link canary}. */
const person = (nth: number) => ({
  customer_name: `Kanarie${nth} Vogelsang`,
  street_address: `${nth} Kanarie Street`,
  address_line_2: `Birdcage ${nth}`,
  email: `kanarie${nth}@birdcage.example`,
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** The service is another process: closing a file here undoes no lock of it. */
const filesWithCanary = (folder: string) =>
  filesIn(folder).filter((file) => canary.test(readFileSync(file).toString('latin1')));

const logBytes = ({ file }: Shop) => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

describe('a shop whose persons are erased', () => {
  let shop: Shop;
  let key: string;
  let orders: readonly Json[];
  before(async () => {
    shop = await openShop({
      settings: { DEMO_STOCK: '1000', LOG_FILE: 'logs/app.log', LOG_LEVEL: 'debug', TRUST_PROXY: 'true' },
    });
    const scopes = 'orders:write,orders:read,customers:read,audit:read';
    key = (await shop.run(['keys', 'create', '--name', 'desk', '--scopes', scopes])).stdout.trim();
    const placed: Json[] = [];
    for (let nth = 0; nth < 12; nth += 1) {
      placed.push(await place(shop.url, person(nth % 4), `order-${nth}`));
      await place(shop.url, { customer_name: `Neighbour ${nth}` });
    }
    orders = placed;
    for (const [nth, order] of orders.entries()) await live(order, nth);
  });
  after(async () => {
    if (shop === undefined) return;
    await shop.close();
    await rm(`${shop.folder}-before`, { recursive: true, force: true });
  });

  const bearer = () => ({ authorization: `Bearer ${key}`, 'if-match': '*' });
  const step = async ({ order_id }: Json, name: string, body: unknown, headers = bearer()) => {
    const answer = await postJson(`${shop.url}/api/v1/orders/${order_id}/${name}`, body, headers);
    assert.ok(answer.status < 300, answer.text);
  };

  /** A third is cancelled by its holder, a third shipped and returned, a third as it was placed. */
  async function live(order: Json, nth: number): Promise<void> {
    if (nth % 3 === 0) {
      const right = { 'order-key': keyIn(order.confirmation_url), 'if-match': '*' };
      const holder = { ...right, 'x-forwarded-for': address };
      const body = { reason: 'Kanarie is not well' };
      const answer = await postJson(`${shop.url}/api/v1/orders/${order.order_id}/cancel`, body, holder);
      assert.equal(answer.status, 200, answer.text);
    }
    if (nth % 3 !== 1) return;
    await step(order, 'pack', {});
    await step(order, 'shipments', {
      carrier: 'UPS',
      tracking_number: 'Kanarie-1',
      tracking_url: `https://ups.example/${'x'.repeat(1_900)}?to=Kanarie`,
    });
    const lines = [{ sku: 'tent-4p', quantity: 1 }];
    await step(order, 'returns', { lines, restock: true, reason: 'Kanarie did not like it' });
  }

  const eraseByEmail = async (nth: number): Promise<Json> => {
    const { email } = person(nth);
    return jsonOf(await postJson(`${shop.url}/api/v1/customers/erase`, { email }, bearer()));
  };

  it('has them in its files before', async () => {
    assert.notDeepEqual(filesWithCanary(shop.folder), []);
    const backup = await shop.run(['backup', '--to', `${shop.folder}-before`]);
    assert.equal(backup.code, 0, backup.output);
  });

  it('has nothing of them in any file and log afterwards, while it is open', async () => {
    for (const order of orders.filter((_, nth) => nth % 4 === 0)) await step(order, 'erase', {});
    for (const nth of [1, 2]) assert.equal((await eraseByEmail(nth)).orders_erased, 3);
    const { code, output } = await shop.run(['customers', 'erase', '--email', person(3).email]);
    assert.deepEqual([code, output], [0, '3 orders are erased.\n']);
    await until(() => logBytes(shop) === 0, 'an empty write-ahead log');
    assert.deepEqual(filesWithCanary(shop.folder), []);
    assert.ok(filesIn(shop.folder).some((file) => file.endsWith('app.log')));
    const last = await place(shop.url, { customer_name: 'Neighbour' });
    await until(() => shop.service.logs().includes(String(last.order_id)), 'the line of the last order');
    assert.match(shop.service.logs(), /"step":"erase"/);
    assert.doesNotMatch(shop.service.logs(), canary);
  });

  it('has nothing of them in an export, an answer, and a backup of later', async () => {
    const exported = await shop.run(['catalog', 'export']);
    assert.equal(exported.code, 0);
    const answers: readonly Answer[] = await Promise.all([
      get(`${shop.url}/api/v1/orders?limit=100`, bearer()),
      get(`${shop.url}/api/v1/audit?limit=100`, bearer()),
      get(`${shop.url}/metrics`),
      ...orders.map(({ order_id }) => get(`${shop.url}/api/v1/orders/${order_id}/events`, bearer())),
      ...orders.map(({ confirmation_url }) =>
        send(new URL(confirmation_url, shop.url).href, { headers: { accept: 'text/html' } }),
      ),
      ...orders.map((_, nth) =>
        postJson(
          `${shop.url}/api/v1/orders`,
          {
            ...person(nth % 4),
            city: 'Austin',
            state: 'TX',
            zip_code: '78701',
            lines: [{ sku: 'tent-4p', quantity: 1 }],
          },
          { 'idempotency-key': `order-${nth}` },
        ),
      ),
    ]);
    for (const text of [exported.stdout, ...answers.map((answer) => answer.text)])
      assert.doesNotMatch(text, canary);
    assert.match(answers[0]?.text ?? '', /Neighbour 11/);
    const location = join(shop.folder, 'backups');
    const backup = await shop.run(['backup', '--to', location]);
    assert.equal(backup.code, 0, backup.output);
    await restore(location, join(shop.folder, 'restored', 'nozama.db'));
    assert.deepEqual(filesWithCanary(shop.folder), []);
  });

  it('erases them again in a backup of earlier that is restored', async () => {
    const { stdout } = await shop.run(['customers', 'erased']);
    assert.equal(stdout.trim().split('\n').length, 12);
    const list = join(shop.folder, 'erased.txt');
    await writeFile(list, stdout);
    const earlier = `${shop.folder}-before`;
    const file = join(shop.folder, 'earlier', 'nozama.db');
    await restore(earlier, file);
    assert.deepEqual(filesWithCanary(shop.folder), [file]);
    const again = await shop.run(['customers', 'erase', '--orders', list], {
      DATABASE_URL: `sqlite:${file}`,
    });
    assert.deepEqual([again.code, again.output], [0, '12 erased, 0 erased before, 0 not in this shop.\n']);
    assert.deepEqual(filesWithCanary(shop.folder), []);
  });

  it('has nothing of them after a kill in the middle, once it is asked again', async () => {
    const mine = await Promise.all(
      Array.from({ length: 150 }, () =>
        place(shop.url, { ...person(5), lines: [{ sku: 'fig-candle', quantity: 1 }] }),
      ),
    );
    const interrupted = eraseByEmail(5).catch(() => null);
    await until(async () => /"number"/.test((await erasedLines()).at(-1) ?? ''), 'the first erased order');
    await shop.kill();
    await interrupted;
    const before = (await shop.run(['customers', 'erased'])).stdout.trim().split('\n').length - 12;
    assert.ok(before > 0, 'some are erased');
    await shop.start();
    assert.equal((await eraseByEmail(5)).orders_erased, mine.length - before);
    await until(() => logBytes(shop) === 0, 'an empty write-ahead log');
    assert.deepEqual(filesWithCanary(shop.folder), []);
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });

  it('cuts the log after a kill too', async () => {
    const order = await place(shop.url, person(6));
    await step(order, 'erase', {});
    await shop.kill();
    assert.ok(logBytes(shop) > 0);
    await shop.start();
    await until(() => logBytes(shop) === 0, 'an empty write-ahead log');
    assert.deepEqual(filesWithCanary(shop.folder), []);
  });

  /** Lines of the log about orders of the person who is being erased. */
  async function erasedLines(): Promise<readonly string[]> {
    return shop.service
      .logs()
      .split('\n')
      .filter(
        (line) => line.includes('"step":"erase"') && !orders.some(({ order_id }) => line.includes(order_id)),
      );
  }

  async function restore(from: string, to: string): Promise<void> {
    const { code, output } = await shop.run(['restore', 'latest', '--from', from, '--to', `sqlite:${to}`]);
    assert.equal(code, 0, output);
  }
});
