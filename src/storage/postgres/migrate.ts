/**
 * Brings a database to this program's schema: numbered SQL files, each applied once, in one transaction.
 *
 * Of instances that start at once, one migrates and the others wait for it. Old and new instances overlap
 * while a new version is rolled out, so a migration only adds what an old program can live with; what nobody
 * uses any more is removed by a migration of a later release. A program therefore works on a schema that is
 * newer than itself, down to the version that a migration says it still supports (docs/decisions/0017).
 *
 * A change of a table waits for all that read it, and all that come later wait behind it.
 * So he waits for a moment only, lets the orders through, and tries again. Limits: `lockWaitMs` for each try,
 * `triesMax` tries.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { programFile } from '../../program/program-files.ts';
import { DatabaseRefusedError, type MigrateReport } from '../engine.ts';
import type { OnMigration } from '../order-store.ts';
import type { Connection } from './connection.ts';
import { maySpread } from './distribution.ts';
import { deadlock, insufficientPrivilege, lockNotAvailable, StatementFailedError } from './failures.ts';
import { beginReadCommitted, lockBatchesOut, lockMigrations } from './locks.ts';
import { makeMissingWords } from './product-words.ts';

interface Migration {
  readonly version: number;
  readonly sql: string;
  /** The oldest program, by its newest schema version, that still works after this migration. */
  readonly supportsFrom: number;
}

/**
 * For each lock: less than an order waits for one (3 s), and longer than `deadlock_timeout` (1 s by default), when
 * PostgreSQL sends away an autovacuum that stands in the way.
 */
const lockWaitMs = 1_500;

/** Between two tries, for the orders that have gathered behind us. */
const lockPauseMs = 1_000;

/** One or two minutes, as those whom we wait for go on. */
const triesMax = 60;

const stoodInTheWay = [deadlock, lockNotAvailable];

const versionTable = `
  CREATE TABLE IF NOT EXISTS schema_versions (
    version       integer     NOT NULL PRIMARY KEY,
    supports_from integer     NOT NULL,
    applied_at    timestamptz NOT NULL DEFAULT now()
  )`;

/** `0001-orders.sql` brings the schema to version 1, and so on without gaps. */
function loadMigrations(): readonly Migration[] {
  const folder = programFile('storage/postgres/migrations/');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) throw new Error(`migration ${name} should have number ${index + 1}`);
    const sql = readFileSync(new URL(name, folder), 'utf8');
    const supportsFrom = Number(/^-- supports from: (\d+)$/m.exec(sql)?.[1] ?? version);
    return { version, sql, supportsFrom };
  });
}

/**
 * @throws DatabaseRefusedError when the schema is too new for this program, not Nozama's, or half a copy; when our role
 * may not change it; and when others stand in the way all the time
 */
export async function migrate(
  { send }: Connection,
  onMigration: OnMigration = () => undefined,
): Promise<MigrateReport> {
  const migrations = loadMigrations();
  for (let tries = 1; ; tries += 1) {
    try {
      const report = await tryToMigrate(send, migrations, onMigration);
      await makeMissingWords({ send });
      return report;
    } catch (error) {
      if (!(error instanceof StatementFailedError)) throw error;
      if (error.sqlState === insufficientPrivilege) {
        throw new DatabaseRefusedError(
          `The schema can't be brought up to date: ${error.message}. Run \`nozama migrate\` as the role that owns the tables, such as nozama_owner.`,
          { cause: error },
        );
      }
      if (!stoodInTheWay.includes(error.sqlState)) throw error;
      if (tries >= triesMax) {
        throw new DatabaseRefusedError(
          `The schema can't be changed, because its tables are in use all the time: ${error.message}. Look for a long transaction in pg_stat_activity, such as a backup or an autovacuum to prevent wraparound, and run \`nozama migrate\` when it has ended.`,
          { cause: error },
        );
      }
    }
    await sleep(lockPauseMs);
  }
}

async function tryToMigrate(
  send: Connection['send'],
  migrations: readonly Migration[],
  onMigration: OnMigration,
): Promise<MigrateReport> {
  const newest = migrations.length;
  await send([{ text: beginReadCommitted }, lockMigrations]);
  try {
    const from = await readVersion(send, newest);
    await assertNoCopy(send);
    const pending = migrations.filter(({ version }) => version > from);
    if (pending.length > 0) {
      // Not before: for another instance that migrates we wait as long as it takes.
      await send([
        { text: `SET LOCAL lock_timeout = ${lockWaitMs}` },
        { text: `SELECT set_config('nozama.may_spread', (${maySpread})::text, true)` },
        { text: versionTable },
      ]);
      if (from > 0) await send([lockBatchesOut]);
    }
    for (const { version, sql, supportsFrom } of pending) {
      onMigration(version, newest);
      await send([
        { text: sql },
        {
          text: 'INSERT INTO schema_versions (version, supports_from) VALUES ($1, $2)',
          values: [version, supportsFrom],
        },
      ]);
    }
    if (pending.length > 0 || (await lacksGrants(send))) await grant(send);
    await send([{ text: 'COMMIT' }]);
    return { from, to: Math.max(from, newest), advice: null };
  } catch (error) {
    await send([{ text: 'ROLLBACK' }]).catch(() => undefined);
    throw error;
  }
}

/** Whether the service's role was made after the tables were, and we are the one who can mend that. */
async function lacksGrants(send: Connection['send']): Promise<boolean> {
  const [answer] = await send([
    {
      text: `SELECT NOT has_table_privilege(rolname, 'order_log', 'INSERT') AND pg_has_role(tableowner, 'USAGE') AS lacks
        FROM pg_roles, pg_tables
        WHERE rolname = 'nozama_service' AND tablename = 'order_log' AND schemaname = current_schema()`,
    },
  ]);
  return answer?.rows[0]?.['lacks'] === true;
}

async function grant(send: Connection['send']): Promise<void> {
  const [role] = await send([{ text: "SELECT FROM pg_roles WHERE rolname = 'nozama_service'" }]);
  if (role?.rowCount === 0) return;
  await send([{ text: readFileSync(programFile('storage/postgres/grants.sql'), 'utf8') }]);
}

/** @throws DatabaseRefusedError when this program can't work on the schema as it is */
export async function assertUsableSchema({ send }: Connection): Promise<void> {
  await assertCurrentSchema(send);
  await assertNoCopy(send);
}

/** @throws DatabaseRefusedError */
export async function assertCurrentSchema(send: Connection['send']): Promise<void> {
  const newest = loadMigrations().length;
  const version = await readVersion(send, newest);
  if (version < newest) {
    throw new DatabaseRefusedError(
      `The database has schema version ${version}, this program needs ${newest}. Run \`nozama migrate\` as the role that owns its tables.`,
    );
  }
}

/** Whether `nozama copy` has begun to fill this database and not ended; see shop-copy.sql. */
export async function holdsUnfinishedCopy(send: Connection['send']): Promise<boolean> {
  const [answer] = await send([{ text: "SELECT to_regclass('shop_copy') IS NOT NULL AS is_copying" }]);
  return answer?.rows[0]?.['is_copying'] === true;
}

async function assertNoCopy(send: Connection['send']): Promise<void> {
  if (await holdsUnfinishedCopy(send)) {
    throw new DatabaseRefusedError(
      'The database holds a copy that has not finished. Run `nozama copy` again with the same source: it goes on where it stopped.',
    );
  }
}

async function readVersion(send: Connection['send'], newest: number): Promise<number> {
  const [answer] = await send([
    {
      text: `SELECT to_regclass('schema_versions') IS NOT NULL AS is_ours,
        to_regclass('orders') IS NOT NULL OR to_regclass('products') IS NOT NULL AS is_taken`,
    },
  ]);
  const row = answer?.rows[0];
  if (row?.['is_ours'] !== true) {
    if (row?.['is_taken'] === true) {
      throw new DatabaseRefusedError(
        'The database holds a table named orders or products that is not Nozama’s. Point DATABASE_URL at another database.',
      );
    }
    return 0;
  }
  const [versions] = await send([
    {
      // All that came after this program must support it, not only the last.
      text: `SELECT coalesce(max(version), 0) AS version,
          coalesce(max(supports_from) FILTER (WHERE version > $1::integer), 0) AS supports_from
        FROM schema_versions`,
      values: [newest],
    },
  ]);
  const version = Number(versions?.rows[0]?.['version']);
  const supportsFrom = Number(versions?.rows[0]?.['supports_from']);
  if (supportsFrom > newest) {
    throw new DatabaseRefusedError(
      `The database has schema version ${version}, but this program knows only up to ${newest}. Start the newer program that wrote it, or restore a backup from before the upgrade.`,
    );
  }
  return version;
}
