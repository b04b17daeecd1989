/**
 * The recipe of docs/BACKUP.md, run for real: a shop on PostgreSQL that archives its log, a base backup under load, a
 * disaster, and the way back to a second in between. The shop then has an exact prefix of its sales.
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
import { serverUser } from '../../lab/postgres/child-server.ts';
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
      await drill({ server, run: recipeRunner(recipe, bin), archive });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

interface Scene {
  readonly server: PostgresServer;
  readonly run: RecipeRunner;
  readonly archive: string;
}

type RecipeRunner = (...args: string[]) => Promise<{ readonly code: unknown; readonly output: string }>;

/** Runs the recipe as the server's user; not synchronously, since customers go on buying. */
function recipeRunner(recipe: string, programs: string): RecipeRunner {
  return async (...args) => {
    const env = { PATH: `${programs}:${process.env['PATH']}`, CHECKPOINT: 'fast' };
    const child = spawn(recipe, args, {
      ...serverUser,
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
}

async function must({ run }: Scene, ...args: string[]): Promise<void> {
  const { code, output } = await run(...args);
  assert.equal(code, 0, output);
}

async function drill(scene: Scene): Promise<void> {
  const { server } = scene;
  const dir = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const env = { DATABASE_URL: server.url('shop'), LOG_FILE: '' };
  try {
    const sales = await sellAcrossBackup(scene, dir, env);
    await loseServer(scene);
    await recoverTo(scene, sales.pointInTime);
    const orders = await readOrders(server);
    assertSoldUntilThen(orders, sales);
    const verified = await runCli(['verify'], { dir, env });
    assert.equal(verified.code, 0, verified.output);

    const sold = await sellOn(scene, dir, env);
    assert.equal(sold.length, orders.length + 2);
    await loseServer(scene);
    loseData(server);
    await must(scene, 'recover', scene.archive, server.dataFolder, 'latest');
    await startRecovered(server);
    assert.deepEqual(await readOrders(server), sold, 'all that was archived');
    const settings = readFileSync(join(server.dataFolder, 'postgresql.auto.conf'), 'utf8');
    assert.equal(settings.match(/^restore_command/gm)?.length, 1, settings);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Sales {
  /** In the server's own words. */
  readonly pointInTime: string;
  /** Acknowledged before that time. */
  readonly before: readonly { readonly order_id: string }[];
  /** Everything sold until the end. */
  readonly all: readonly Row[];
}

/** Sells before, during and after a base backup, with a time in between to come back to. */
async function sellAcrossBackup(
  scene: Scene,
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<Sales> {
  const { server, archive } = scene;
  await using service = await startService({ dir, env, startMs: 20_000 });
  const { products } = jsonOf(await get(`${service.url}/api/v1/products?limit=100`));
  const skus = products.map(({ sku }: { sku: string }) => sku);
  const ledger = openLedger({ skus, random: seededRandom(5) });
  let isOver = false;
  const buying = Array.from({ length: buyers }, () => ledger.buyUntil(service.url, () => isOver));
  await sleep(buyMs);
  await must(scene, 'base', archive, server.url('postgres'));
  // A base backup is named by its second, and a time before its end can't be recovered to.
  await sleep(1_100);
  const before = ledger.acknowledged();
  const [{ now } = {}] = await server.query(
    "SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.US+00') AS now",
  );
  const late = ledger.acknowledgedCount();
  await sleep(buyMs);
  isOver = true;
  await Promise.all(buying);
  assert.ok(ledger.acknowledgedCount() > late + buyers, 'orders came in after that time');
  return { pointInTime: String(now), before, all: await readOrders(server) };
}

/** Two more orders, and a base backup between them. */
async function sellOn(
  scene: Scene,
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  await using service = await startService({ dir, env, startMs: 20_000 });
  assert.equal((await service.get('/readyz')).status, 200);
  await place(service.url);
  // This backup remembers how the server was recovered: the next recovery must not stop there again.
  await must(scene, 'base', scene.archive, scene.server.url('postgres'));
  await place(service.url);
  return readOrders(scene.server);
}

async function loseServer({ server, archive }: Scene): Promise<void> {
  await archiveAll(server, archive);
  await server.stop('immediate');
}

/** Recovers after two refusals: while the old data is there, and to a time before the first backup. */
async function recoverTo(scene: Scene, pointInTime: string): Promise<void> {
  const { server, run, archive } = scene;
  const refused = await run('recover', archive, server.dataFolder, pointInTime);
  assert.equal(refused.code, 1);
  assert.match(refused.output, /is not empty: move the old data away first/);
  loseData(server);
  const early = await run('recover', archive, server.dataFolder, '2020-01-01 00:00:00+00');
  assert.match(early.output, /has no base backup that was whole at that time/);
  await must(scene, 'recover', archive, server.dataFolder, pointInTime);
  await startRecovered(server);
}

function assertSoldUntilThen(orders: readonly Row[], { all, before }: Sales): void {
  assert.deepEqual(orders, all.slice(0, orders.length), 'an exact prefix');
  assert.ok(orders.length < all.length, 'orders after that time are not there');
  const ids = new Set(orders.map(({ order_id }) => order_id));
  for (const { order_id } of before) assert.ok(ids.has(order_id), `${order_id} was acknowledged before`);
  // At that moment one order of each buyer may be in flight, and some were acknowledged while the time was read.
  assert.ok(orders.length <= before.length + 10 * buyers, `${orders.length} of ${before.length}`);
}

async function archiveAll(server: PostgresServer, archive: string): Promise<void> {
  await server.query('SELECT pg_switch_wal()');
  const [{ last } = {}] = await server.query('SELECT pg_walfile_name(pg_current_wal_lsn() - 1) AS last');
  await until(() => existsSync(join(archive, 'wal', `${last}.gz`)), 'the last of the log', restoreMsMax);
}

function loseData({ dataFolder }: PostgresServer): void {
  renameSync(dataFolder, mkdtempSync(`${dataFolder}.lost-`));
  mkdirSync(dataFolder, { mode: 0o700 });
  if (serverUser !== null) chownSync(dataFolder, serverUser.uid, serverUser.gid);
}

async function startRecovered(server: PostgresServer): Promise<void> {
  await server.start();
  await until(
    async () => (await server.query('SELECT pg_is_in_recovery() AS is')).at(0)?.['is'] === false,
    'the end of the recovery',
    restoreMsMax,
  );
}

type Row = Readonly<Record<string, unknown>>;

/** In the order of the log, with their lines. */
function readOrders(server: PostgresServer): Promise<readonly Row[]> {
  return server.query(
    `SELECT to_jsonb(log)::text AS entry, to_jsonb(orders)::text AS placed, orders.order_id::text AS order_id,
        (SELECT jsonb_agg(to_jsonb(line) ORDER BY to_jsonb(line)::text) FROM order_lines AS line WHERE line.order_id = orders.order_id)::text AS lines
      FROM order_log AS log JOIN orders ON orders.order_id = log.order_id ORDER BY log.position`,
    'shop',
  );
}
