/**
 * The recipe of docs/BACKUP.md, run for real: a shop on PostgreSQL that archives its log, a base backup under load, a
 * disaster, and the way back to a second in between. What is there then is an exact prefix of what was sold.
 * Then the shop sells on, is backed up anew, and a second disaster comes, after which nothing that was archived is missing.
 *
 * PostgreSQL's own programs do it, of which npm has too few: Debian's, which .ci/run installs.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import { openLedger, seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { get, jsonOf, place } from '../journeys/shop-client.ts';
import { runCli, startService } from '../service.ts';

const debian = '/usr/lib/postgresql';
const bin = [
  process.env['POSTGRES_BIN'] ?? '',
  ...(existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []).map((version) =>
    join(debian, version, 'bin'),
  ),
].find((folder) => existsSync(join(folder, 'pg_basebackup')) && existsSync(join(folder, 'initdb')));
const skip =
  bin === undefined && process.env['CI'] !== 'true' ? 'no PostgreSQL with pg_basebackup here' : false;

const buyers = 4;
const buyMs = 400;
const restoreMsMax = 30_000;
const postgresUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;

describe('PostgreSQL to a point in time', { skip }, () => {
  it('is the shop as it was then, to the order', { timeout: 110_000 }, async () => {
    assert.ok(bin !== undefined, 'there is a PostgreSQL with pg_basebackup');
    // The server's user must be able to reach it, which a repository in a home need not allow.
    const folder = mkdtempSync(join(tmpdir(), 'nozama-archive-'));
    chmodSync(folder, 0o777);
    const recipe = join(folder, 'point-in-time.sh');
    copyFileSync(join(import.meta.dirname, '../../deploy/postgres/point-in-time.sh'), recipe);
    chmodSync(recipe, 0o755);
    const archive = join(folder, 'archive');
    mkdirSync(archive);
    chmodSync(archive, 0o777);
    try {
      await using server = await startPostgres({
        bin,
        fsync: true,
        hba: ['host replication all 127.0.0.1/32 trust'],
        settings: { archive_mode: 'on', archive_command: `${recipe} archive ${archive} %p %f` },
      });
      await server.query('CREATE DATABASE shop');
      await drill(server, bin, recipe, archive);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function drill(
  server: PostgresServer,
  programs: string,
  recipe: string,
  archive: string,
): Promise<void> {
  // Not waited for synchronously: customers go on buying.
  const run = async (...args: string[]) => {
    const env = { PATH: `${programs}:${process.env['PATH']}`, CHECKPOINT: 'fast' };
    const child = spawn(recipe, args, {
      ...postgresUser,
      cwd: tmpdir(),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    return { code, output };
  };
  const must = async (...args: string[]) => {
    const { code, output } = await run(...args);
    assert.equal(code, 0, output);
  };
  const url = server.url('shop');
  const dir = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const env = { DATABASE_URL: url, LOG_FILE: '' };
  try {
    let expected: readonly unknown[] = [];
    let before: readonly { order_id: string }[] = [];
    let pointInTime = '';
    {
      await using service = await startService({ dir, env, startMs: 20_000 });
      const { products } = jsonOf(await get(`${service.url}/api/v1/products?limit=100`));
      const skus = products.map(({ sku }: { sku: string }) => sku);
      const ledger = openLedger({ skus, random: seededRandom(5) });
      let isOver = false;
      const buying = Array.from({ length: buyers }, () => ledger.buyUntil(service.url, () => isOver));
      await sleep(buyMs);
      await must('base', archive, server.url('postgres'));
      // A base backup is named by its second, and a time before its end can't be recovered to.
      await sleep(1_100);
      before = ledger.acknowledged();
      const [{ now } = {}] = await server.query(
        "SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.US+00') AS now",
      );
      pointInTime = String(now);
      const late = ledger.acknowledgedCount();
      await sleep(buyMs);
      isOver = true;
      await Promise.all(buying);
      assert.ok(ledger.acknowledgedCount() > late + buyers, 'orders came in after that time');
      expected = await readOrders(server);
    }
    await archiveAll(server, archive);
    await server.stop('immediate');
    const refused = await run('recover', archive, server.dataFolder, pointInTime);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /is not empty: move the old data away first/);
    loseData(server);
    const early = await run('recover', archive, server.dataFolder, '2020-01-01 00:00:00+00');
    assert.match(early.output, /has no base backup that was whole at that time/);
    await must('recover', archive, server.dataFolder, pointInTime);
    await startRecovered(server);

    const orders = await readOrders(server);
    assert.deepEqual(orders, expected.slice(0, orders.length), 'an exact prefix');
    assert.ok(orders.length < expected.length, 'orders after that time are not there');
    const ids = new Set(orders.map((row) => (row as { order_id: string }).order_id));
    for (const { order_id } of before) assert.ok(ids.has(order_id), `${order_id} was acknowledged before`);
    // In flight at that moment may be one for each buyer, and what was acknowledged while it was asked for.
    assert.ok(orders.length <= before.length + 10 * buyers, `${orders.length} of ${before.length}`);
    const verified = await runCli(['verify'], { dir, env });
    assert.equal(verified.code, 0, verified.output);

    let sold: readonly unknown[] = [];
    {
      await using again = await startService({ dir, env, startMs: 20_000 });
      assert.equal((await again.get('/readyz')).status, 200);
      await place(again.url);
      // This one remembers how the server was recovered: it must not stop there again.
      await must('base', archive, server.url('postgres'));
      await place(again.url);
      sold = await readOrders(server);
    }
    assert.equal(sold.length, orders.length + 2);
    await archiveAll(server, archive);
    await server.stop('immediate');
    loseData(server);
    await must('recover', archive, server.dataFolder, 'latest');
    await startRecovered(server);
    assert.deepEqual(await readOrders(server), sold, 'all that was archived');
    const settings = readFileSync(join(server.dataFolder, 'postgresql.auto.conf'), 'utf8');
    assert.equal(settings.match(/^restore_command/gm)?.length, 1, settings);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function archiveAll(server: PostgresServer, archive: string): Promise<void> {
  await server.query('SELECT pg_switch_wal()');
  const [{ last } = {}] = await server.query('SELECT pg_walfile_name(pg_current_wal_lsn() - 1) AS last');
  await until(() => existsSync(join(archive, 'wal', `${last}.gz`)), 'the last of the log', restoreMsMax);
}

function loseData({ dataFolder }: PostgresServer): void {
  renameSync(dataFolder, mkdtempSync(`${dataFolder}.lost-`));
  mkdirSync(dataFolder, { mode: 0o700 });
  if (postgresUser !== null) chownSync(dataFolder, postgresUser.uid, postgresUser.gid);
}

async function startRecovered(server: PostgresServer): Promise<void> {
  await server.start();
  await until(
    async () => (await server.query('SELECT pg_is_in_recovery() AS is')).at(0)?.['is'] === false,
    'the end of the recovery',
    restoreMsMax,
  );
}

/** In the order of the log, with their lines. */
function readOrders(server: PostgresServer): Promise<readonly Record<string, unknown>[]> {
  return server.query(
    `SELECT to_jsonb(log)::text AS entry, to_jsonb(orders)::text AS placed, orders.order_id::text AS order_id,
        (SELECT jsonb_agg(to_jsonb(line) ORDER BY to_jsonb(line)::text) FROM order_lines AS line WHERE line.order_id = orders.order_id)::text AS lines
      FROM order_log AS log JOIN orders ON orders.order_id = log.order_id ORDER BY log.position`,
    'shop',
  );
}
