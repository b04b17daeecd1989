/** `nozama copy`: a shop that is the same afterwards, also when the copy was killed on the way; and refusals. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type CutPoint, startCuttingProxy } from '../../lab/postgres/cutting-proxy.ts';
import { findFreePort } from '../../lab/service/free-port.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { openPostgresShopWriter } from '../../src/storage/postgres/shop-writer.ts';
import { orderKeyFile } from '../../src/storage/sqlite/order-key-file.ts';
import { openSqliteShopReader } from '../../src/storage/sqlite/shop-reader.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aReceipt, aRetryOf, aSubmission } from '../builders.ts';
import { inFolder, openShop, withShop } from '../journeys/open-shop.ts';
import { get, place as placeByHttp } from '../journeys/shop-client.ts';
import { assertVerifiesClean, handIn, place } from '../order-store/opened-store.ts';
import { runCli, runtimeCommand, runtimeUnderTest } from '../service.ts';
import { openSourceShop, readEverything, type SourceShop } from './copied-shop.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';

const missing = await postgresMissing();

/** More than two pages, so that there is a middle. */
const severalPages = 4_500;

type Environment = Readonly<Record<string, string>>;

const argumentsOf = (from: string, to: string) => ['copy', '--from', from, '--to', to];

const copy = (source: SourceShop, target: TestDatabase, env: Environment = {}) =>
  runCli(argumentsOf(source.url, target.url), { dir: source.folder, env });

async function assertRefused(
  ended: Promise<{ code: number | null; output: string }>,
  sentence: RegExp,
  code = 1,
) {
  const { code: found, output } = await ended;
  assert.match(output, sentence);
  assert.equal(found, code, output);
  assert.doesNotMatch(output, /^\s+at /m, 'no stack');
  assert.equal(output.trimEnd().split('\n').length, 1, `one sentence: ${output}`);
}

async function withTarget(target: TestDatabase, use: (store: OrderStore) => Promise<void>): Promise<void> {
  const store = await openPostgresStore({ location: locationOf(target.url), settings: testSettings });
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

async function assertSameShop(source: SourceShop, target: TestDatabase): Promise<void> {
  const sold = await openSqliteStore({ file: source.file });
  const before = await readEverything(sold);
  await sold.close();
  await withTarget(target, async (store) => {
    const after = await readEverything(store);
    for (const part of ['products', 'rankings', 'log', 'confirmations'] as const)
      assert.deepEqual(after[part], before[part], part);
    await assertVerifiesClean(store);

    const keyedOnes = source.submissions.filter(({ idempotency }) => idempotency !== null);
    const replays = await store.commitBatch(keyedOnes.slice(0, 200).map(aRetryOf));
    for (const [i, replay] of replays.entries()) {
      assert.equal(replay.kind, 'replayed');
      assert.equal('order' in replay && replay.order.orderId, keyedOnes[i]?.orderId);
    }
    const [first] = keyedOnes;
    assert.ok(first?.idempotency);
    const other = { ...aRetryOf(first), idempotency: { ...first.idempotency, fingerprint: 'another' } };
    assert.equal((await handIn(store, other)).kind, 'conflict');

    const last = before.log.at(-1);
    assert.equal((await place(store, aSubmission())).number, (last?.orderNumber ?? 0) + 1);
    assert.equal((await store.readOrderLog(last?.position ?? 0, 10))[0]?.position, (last?.position ?? 0) + 1);
    await store.receiveStock([aReceipt({ units: 3 })]);
    await store.saveProducts([aProduct({ sku: 'new-one' })]);
    await assertVerifiesClean(store);
  });
}

describe('a copied shop', { skip: missing ?? false }, () => {
  it('is the same, read by read, and goes on with the next number', async () => {
    await using source = await openSourceShop(severalPages);
    await using target = await openTestDatabase({ isEmpty: true });
    const { code, output } = await copy(source, target);
    assert.equal(code, 0, output);
    assert.match(output, /^orders 4,530 of 4,530/m);
    assert.match(output, /^ {2}ok {2}stock: received - sold = on hand/m);
    assert.match(output, /Copied 4,530 orders, 36 products and 1,500 idempotency keys/);
    assert.doesNotMatch(output, /\r/, 'no bar without a terminal');
    assert.deepEqual(
      Buffer.from(await databaseAt(target.url).loadOrderKeySecret()),
      Buffer.from(source.secret),
    );
    await assertSameShop(source, target);
    await assertRefused(copy(source, target), /The target holds a shop already/);
  });

  it('may have nothing in it', async () => {
    await using source = await openSourceShop(0);
    await using target = await openTestDatabase();
    const empty = { ...source, url: `sqlite:${join(source.folder, 'empty.db')}` };
    assert.equal(
      (await runCli(['migrate'], { dir: source.folder, env: { DATABASE_URL: empty.url } })).code,
      0,
    );
    const { code, output } = await copy(empty, target);
    assert.equal(code, 0, output);
    assert.match(output, /There are no orders yet/);
    await withTarget(target, async (store) => {
      await store.saveProducts([aProduct()]);
      await store.receiveStock([aReceipt()]);
      assert.equal((await place(store, aSubmission())).number, 1001);
    });
  });

  it('opens the links to confirmations that its customers have', async () => {
    await using target = await openTestDatabase();
    const shop = await openShop();
    try {
      const { confirmation_url: link } = await placeByHttp(shop.url);
      await shop.stop();
      const ended = await runCli(argumentsOf(`sqlite:${shop.file}`, target.url), { dir: shop.folder });
      assert.equal(ended.code, 0, ended.output);
      await withShop({ settings: { DATABASE_URL: target.url } }, async (moved) => {
        const page = await get(`${moved.url}${link}`, { accept: 'text/html' });
        assert.match(page.text, /Ada Lovelace/);
        assert.equal((await placeByHttp(moved.url)).number, 1002);
        assert.equal((await moved.verify()).code, 0);
      });
    } finally {
      await shop.close();
    }
  });
});

/** Where a copy is held up: as a row of this kind is written, or at the COMMIT of its page, which then takes effect. */
const points: readonly { readonly table: string; readonly when: string; readonly atCommit?: true }[] = [
  { table: 'products', when: "NEW.sku = 'kite'" },
  { table: 'stock_receipts', when: 'NEW.receipt_id = 5' },
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

/** Holds up whoever writes the row of a point while the test has the point's lock. */
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
  const holder = new pg.Client({ connectionString: target.url });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(hold);
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
    if (release === 'before the kill') await holder.query('ROLLBACK');
    child.kill('SIGKILL');
    await exited;
    await meanwhile();
  } finally {
    await holder.end();
  }
}

/** Whether a copy waits for a lock of one of these kinds (PostgreSQL manual, "Wait Events of Type Lock"). */
async function isWaiting(target: TestDatabase, kinds: readonly string[]): Promise<boolean> {
  const [row] = await target.query(`SELECT count(*)::int AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'nozama' AND wait_event_type = 'Lock'
      AND wait_event IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`);
  return row?.['waiting'] === 1;
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
    // Everything is there and verified, and the target is about to be opened: nobody may be reading this.
    await killHeldUp(source, target, 'SELECT FROM shop_copy');
    const { code, output } = await copy(source, target);
    assert.equal(code, 0, output);
    assert.match(output, /everything is there/);
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
      const reached = { section: 'receipts', after: null, copied: 0 } as const;
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
      (store: OrderStore) => store.receiveStock([aReceipt()]),
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

describe('a copy is refused', { skip: missing ?? false }, () => {
  it('of a shop that does not add up', async () => {
    await using source = await openSourceShop(10);
    await using target = await openTestDatabase();
    const db = new DatabaseSync(source.file);
    db.exec("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'kite'");
    db.close();
    const { code, output } = await copy(source, target);
    assert.equal(code, 1);
    assert.match(output, /FAIL {2}stock: received - sold = on hand/);
    assert.match(output, /stays closed: run `nozama verify` on the source/);
  });

  it('into a database that is another shop, or that a service is connected to', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase();
    await withTarget(target, async (store) => {
      await store.listProducts(null, 1);
      await assertRefused(
        copy(source, target),
        /A service is connected to the target \(1 connection\): stop it/,
      );
      await store.saveProducts([aProduct()]);
    });
    await assertRefused(copy(source, target), /The target holds a shop already: .* createdb/);
    await using other = await openTestDatabase({ isEmpty: true });
    await other.query('CREATE TABLE orders (id integer)');
    await assertRefused(copy(source, other), /not Nozama’s\. Point --to at another database/);
  });

  it('of a file that is in use, missing, another program’s, older or newer', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase({ isEmpty: true });
    const from = (file: string) => ({ ...source, url: `sqlite:${file}` });
    const store = await openSqliteStore({ file: source.file });
    await assertRefused(copy(source, target), /nozama\.db is in use: stop the service/);
    await store.close();
    await assertRefused(
      copy(from(join(source.folder, 'no.db')), target),
      /does not exist\. Is --from right\?/,
    );
    assert.ok(!existsSync(join(source.folder, 'no.db')), 'nothing is made');

    const foreign = join(source.folder, 'foreign.db');
    const db = new DatabaseSync(foreign);
    db.exec('CREATE TABLE mine (x)');
    db.close();
    await assertRefused(
      copy(from(foreign), target),
      /tables that are not Nozama's\. Point --from at another/,
    );
    const text = join(source.folder, 'text.db');
    writeFileSync(
      text,
      'no database, but long enough to be looked at as one by whoever opens it. '.repeat(20),
    );
    await assertRefused(copy(from(text), target), /text\.db can't be opened: file is not a database/);
    await assertRefused(copy(from(source.folder), target), /can't be opened/);

    for (const [version, sentence] of [
      [1, /has schema version 1, this program needs \d+\. Run `nozama migrate` first/],
      [99, /has schema version 99, but this program knows only up to \d+/],
    ] as const) {
      const changed = new DatabaseSync(source.file);
      changed.exec(`PRAGMA user_version = ${version}`);
      changed.close();
      await assertRefused(copy(source, target), sentence);
    }
    const [row] = await target.query("SELECT to_regclass('products') AS products");
    assert.equal(row?.['products'], null, 'the target is not touched');
  });

  it('without the secret of the links, unless the configuration has it', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase();
    rmSync(orderKeyFile(source.file));
    await assertRefused(copy(source, target), /order-key is missing, .* or set ORDER_KEY_SECRET/);
    writeFileSync(orderKeyFile(source.file), 'x', { mode: 0o644 });
    await assertRefused(copy(source, target), /can be read by others \(mode 644\)\. Run: chmod 600/);
    const { code, output } = await copy(source, target, { ORDER_KEY_SECRET: 's'.repeat(32) });
    assert.equal(code, 0, output);
    assert.match(output, /as long as the service has the same ORDER_KEY_SECRET/);
  });

  it('into a server that is not there, without showing a password', async () => {
    await using source = await openSourceShop(0);
    const to = `postgres://shop:hidden-word@127.0.0.1:${await findFreePort()}/shop`;
    const ended = runCli(argumentsOf(source.url, to), { dir: source.folder });
    await assertRefused(ended, /PostgreSQL at 127\.0\.0\.1:\d+ can't be reached: .* is --to right\?/);
    assert.doesNotMatch((await ended).output, /hidden-word/);
  });

  it('when the arguments are wrong, in one sentence each', async () => {
    const from = ['--from', 'sqlite:a.db'];
    const to = ['--to', 'postgres://me:hidden-word@here/shop'];
    await inFolder(async (dir) => {
      for (const [args, sentence] of [
        [[], /needs --from sqlite:/],
        [from, /needs --to postgres:/],
        [['--from'], /needs --from/],
        [[...to, '--from', 'a.db'], /--from must look like sqlite:/],
        [[...to, '--from', 'sqlite://a.db'], /--from must look like sqlite:/],
        [[...to, '--from', 'postgres://me@here/shop'], /--from must look like sqlite:/],
        [[...from, '--to', 'sqlite:b.db'], /--to must look like postgres:/],
        [[...from, ...to, '--fast'], /no option --fast/],
        [[...from, ...to, 'now'], /takes --from and --to and nothing else/],
      ] as const) {
        const ended = runCli(['copy', ...args], { dir });
        await assertRefused(ended, sentence, 2);
        assert.doesNotMatch((await ended).output, /hidden-word/);
      }
      const help = await runCli(['copy', '--help'], { dir });
      assert.equal(help.code, 0);
      assert.match(help.output, /Usage: nozama copy --from sqlite:FILE --to postgres:/);
      await assertRefused(
        runCli(argumentsOf('sqlite:a.db', 'postgres://here/shop'), { dir }),
        /a\.db does not exist/,
      );
    });
  });
});
