/** `nozama copy` that is killed, or loses its connection: the next one goes on to the same shop. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CutPoint, startCuttingProxy } from '../../lab/postgres/cutting-proxy.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { openPostgresShopWriter } from '../../src/storage/postgres/shop-writer.ts';
import { openSqliteShopReader } from '../../src/storage/sqlite/shop-reader.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { aMovement, aProduct, aSubmission } from '../builders.ts';
import { place } from '../order-store/opened-store.ts';
import { runCli, runtimeCommand, runtimeUnderTest } from '../service.ts';
import {
  argumentsOf,
  assertRefused,
  assertSameShop,
  copy,
  openSourceShop,
  type SourceShop,
  severalPages,
} from './copied-shop.ts';
import { countWaiting, openTransaction } from './open-transaction.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';

const missing = await postgresMissing();

/** Where a copy is held up: as a row of this kind is written, or at the COMMIT of its page, which then takes effect. */
const points: readonly { readonly table: string; readonly when: string; readonly atCommit?: true }[] = [
  { table: 'products', when: "NEW.sku = 'kite'" },
  { table: 'stock_movements', when: 'NEW.movement_id = 5' },
  { table: 'orders', when: 'NEW.number = 1001' },
  { table: 'orders', when: 'NEW.number = 2000', atCommit: true },
  { table: 'orders', when: 'NEW.number = 4000' },
  { table: 'order_lines', when: 'NEW.order_id IN (SELECT order_id FROM orders WHERE number = 5300)' },
  { table: 'idempotency_keys', when: "NEW.idempotency_key = 'key 900'" },
  { table: 'order_log', when: 'NEW.position = 2500' },
  { table: 'order_log', when: 'NEW.position = 4520', atCommit: true },
  { table: 'popularity', when: "NEW.state = 'TX'" },
  { table: 'order_numbers', when: 'true' },
];

/** Of the points, one that a shop of a few orders passes too. */
const counted = points.findIndex(({ table }) => table === 'popularity');

const lockSpace = 4_242;

/** While the test has the lock of a point, a session that writes the row of that point waits. */
async function layPoints(target: TestDatabase): Promise<void> {
  const triggers = points.map(
    ({ table, when, atCommit = false }, nth) => `
      CREATE FUNCTION hold_up_${nth}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF ${when} THEN PERFORM pg_advisory_xact_lock_shared(${lockSpace}, ${nth}); END IF;
        RETURN NEW; END $$;
      CREATE ${atCommit ? 'CONSTRAINT ' : ''}TRIGGER hold_up_${nth}
        ${atCommit ? 'AFTER' : 'BEFORE'} INSERT OR UPDATE ON ${table}
        ${atCommit ? 'DEFERRABLE INITIALLY DEFERRED' : ''} FOR EACH ROW EXECUTE FUNCTION hold_up_${nth}();`,
  );
  await target.query(triggers.join('\n'));
}

/** Runs a copy until it waits for what `hold` has locked, and kills it there; then calls `meanwhile`. */
async function killHeldUp(
  source: SourceShop,
  target: TestDatabase,
  hold: string,
  release: 'before the kill' | 'after the kill' = 'after the kill',
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await using holder = await openTransaction(target.url, hold);
  const [program = '', ...first] = runtimeCommand(runtimeUnderTest());
  const cli = fileURLToPath(new URL('../../src/cli/cli.ts', import.meta.url));
  const child = spawn(program, [...first, cli, ...argumentsOf(source.url, target.url)], {
    cwd: source.folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  while (!(await isWaiting(target, ['advisory', 'relation']))) {
    assert.equal(child.exitCode, null, 'it has not ended before it was held up');
    await sleep(20);
  }
  if (release === 'before the kill') await holder.rollback();
  child.kill('SIGKILL');
  await exited;
  await meanwhile();
}

/** Whether the copy waits for a lock of one of these kinds. */
async function isWaiting(target: TestDatabase, kinds: readonly string[]): Promise<boolean> {
  return (await countWaiting(target, { applicationName: 'nozama', kinds })) === 1;
}

const holdPoint = (nth: number) => `SELECT pg_advisory_xact_lock(${lockSpace}, ${nth})`;

describe('a copy that is killed', { skip: missing ?? false }, () => {
  it(`goes on, ${points.length + 1} times over, to the same shop`, async () => {
    await using source = await openSourceShop(severalPages);
    await using target = await openTestDatabase();
    await layPoints(target);
    for (const [nth] of points.entries()) {
      // Every other time at the moment in which the server goes on, so that its answer comes too late.
      await killHeldUp(source, target, holdPoint(nth), nth % 2 === 0 ? 'after the kill' : 'before the kill');
    }
    // Everything is there and verified, and the target is about to be opened: no session may read this table.
    await killHeldUp(source, target, 'SELECT FROM shop_copy');
    const { code, output } = await copy(source, target);
    assert.equal(code, 0, output);
    assert.match(output, /Copied 4,530 orders/);
    await assertSameShop(source, target);
  });

  it('is waited for while the server is still at its last page', async () => {
    await using source = await openSourceShop(severalPages);
    await using target = await openTestDatabase();
    await layPoints(target);
    const atCommit = points.findIndex((point) => point.atCommit === true);
    let next: ReturnType<typeof copy> | undefined;
    await killHeldUp(source, target, holdPoint(atCommit), 'after the kill', async () => {
      next = copy(source, target);
      while (!(await isWaiting(target, ['transactionid', 'tuple']))) await sleep(20);
    });
    assert.equal((await next)?.code, 0, (await next)?.output);
    await assertSameShop(source, target);
  });

  it('does not write where another one has been', async () => {
    await using source = await openSourceShop(10);
    await using target = await openTestDatabase();
    const reader = openSqliteShopReader(source.file);
    const options = { location: locationOf(target.url), settings: testSettings };
    const first = await openPostgresShopWriter(options, reader.identity);
    const second = await openPostgresShopWriter(options, reader.identity);
    try {
      const reached = { section: 'movements', after: null, copied: 0 } as const;
      await first.advance(reached);
      await assert.rejects(second.advance(reached), /Another copy writes to the target/);
      await assert.rejects(second.write(reader.readPage('products', null), reached), /Another copy/);
    } finally {
      await first.close();
      await second.close();
      reader.close();
    }
    assert.deepEqual(await target.query('SELECT FROM products'), [], 'nothing was written');
  });

  it('leaves a target that no service opens and nobody else writes to', async () => {
    await using source = await openSourceShop(10);
    await using target = await openTestDatabase();
    await layPoints(target);
    await killHeldUp(source, target, holdPoint(counted));
    const env = { DATABASE_URL: target.url, LOG_FILE: '' };
    for (const command of ['migrate', 'verify', 'seed']) {
      const ended = runCli([command], { dir: source.folder, env });
      await assertRefused(ended, /holds a copy that has not finished\. Run `nozama copy` again/);
    }
    for (const migrates of ['true', 'false']) {
      const { code, output } = await runCli(['serve'], {
        dir: source.folder,
        env: { ...env, PORT: '0', DATABASE_MIGRATE_AT_START: migrates },
      });
      assert.equal(code, 1);
      assert.match(output, /holds a copy that has not finished/);
    }
    for (const statement of [
      'UPDATE order_numbers SET next_number = next_number + 1000',
      "UPDATE stock SET on_hand = 1 WHERE sku = 'kite'",
      "INSERT INTO products VALUES ('mine', 'Mine', '', '', 1, '', true)",
    ])
      await assert.rejects(target.query(statement), /a copy into this database has not finished/);
    assert.equal((await copy(source, target)).code, 0);
    await target.query('UPDATE order_numbers SET next_number = next_number + 1000');
  });

  it('does not go on with a source that was changed meanwhile', async () => {
    await using source = await openSourceShop(10);
    for (const change of [
      (store: OrderStore) => place(store, aSubmission()),
      (store: OrderStore) => store.moveStock([aMovement()]),
      (store: OrderStore) =>
        store.saveProducts([aProduct({ name: 'Product of the same length'.slice(0, 15) })]),
    ]) {
      await using target = await openTestDatabase();
      await layPoints(target);
      await killHeldUp(source, target, holdPoint(counted));
      const store = await openSqliteStore({ file: source.file });
      await change(store);
      await store.close();
      await assertRefused(copy(source, target), /of this one before it was changed, was begun in the target/);
    }
  });

  it('finds what is not as it was at the source, and keeps the target closed', async () => {
    await using source = await openSourceShop(10);
    await using target = await openTestDatabase();
    await layPoints(target);
    await killHeldUp(source, target, holdPoint(points.length - 1));
    await target.query(
      "SET nozama.copies = 'yes'; UPDATE orders SET total_cents = total_cents + 1 WHERE number = 1003",
    );
    const { code, output } = await copy(source, target);
    assert.equal(code, 1);
    assert.match(output, /FAIL {2}sum of totals in cents: \d+ at the source, \d+ copied/);
    assert.match(output, /stays closed/);
    await assertRefused(
      runCli(['verify'], { dir: source.folder, env: { DATABASE_URL: target.url } }),
      /has not finished/,
    );
  });
});

/** In the order in which a copy comes by them, twice over. */
const cuts: readonly (CutPoint & { readonly stoppedAt: RegExp })[] = [
  { when: 'answered', marker: 'COMMIT\0', answer: 'COMMIT\0', stoppedAt: /the start of a copy/ },
  { when: 'sent', marker: 'INSERT INTO products', stoppedAt: /products "awning-mug" to "wool-throw"/ },
  { when: 'before', marker: 'insert-orders', stoppedAt: /orders 1001 to 3000/ },
  { when: 'sent', marker: 'insert-orders', stoppedAt: /orders 1001 to 3000/ },
  { when: 'before', marker: 'insert-keys', stoppedAt: /keys/ },
  { when: 'sent', marker: 'INSERT INTO order_log', stoppedAt: /log 1 to 2000/ },
  { when: 'answered', marker: 'setval', answer: 'setval', stoppedAt: /the end/ },
  { when: 'sent', marker: 'ANALYZE', stoppedAt: /counting/ },
  { when: 'before', marker: 'DROP TABLE shop_copy', stoppedAt: /opening/ },
];

describe('a copy that loses its connection', { skip: missing ?? false }, () => {
  it('says so in a sentence, and goes on when it is run again', async () => {
    await using source = await openSourceShop(severalPages);
    await using target = await openTestDatabase();
    const url = new URL(target.url);
    await using proxy = await startCuttingProxy(Number(url.port || 5_432));
    url.host = `127.0.0.1:${proxy.port}`;
    for (const [nth, { stoppedAt, ...point }] of cuts.entries()) {
      proxy.cutAt(point);
      const { code, output } = await runCli(argumentsOf(source.url, url.href), { dir: source.folder });
      assert.equal(proxy.cuts(), nth + 1, `it was cut: ${output}`);
      assert.equal(code, 1, output);
      const said = output.trimEnd().split('\n').at(-1) ?? '';
      assert.match(said, /^The copy stopped at .* because .* Run the same command again/);
      assert.match(said, stoppedAt);
      assert.doesNotMatch(output, /^\s+at /m, 'no stack');
    }
    const { code, output } = await copy(source, target);
    assert.equal(code, 0, output);
    await assertSameShop(source, target);
  });
});
