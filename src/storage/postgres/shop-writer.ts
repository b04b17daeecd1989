/**
 * Fills an empty database with a copied shop, page by page, and opens it when all of it is there.
 *
 * Trades a target that is of no use until the end for one that is never half a shop: until
 * {@link ShopWriter.open} every service refuses to start on it, and a guard refuses what a running one writes
 * (shop-copy.sql). Always holds: rows and the position reached are committed together, and a transaction goes on only from
 * the position it expects, so that one which outlives its process is neither lost nor repeated.
 */
import { readFileSync } from 'node:fs';
import { orderNumberFirst } from '../../domain/order.ts';
import { programFile } from '../../program/program-files.ts';
import { ConnectionLostError } from '../server/connection-errors.ts';
import {
  type CopyEnding,
  type CopyPosition,
  CopyRefusedError,
  type Cursor,
  type ShopPage,
  type ShopWriter,
  sectionNames,
} from '../shop-transfer.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { insufficientPrivilege, lockNotAvailable, StatementFailedError } from './failures.ts';
import { beginReadCommitted, lockCatalog, lockShop } from './locks.ts';
import { assertCurrentSchema, holdsUnfinishedCopy, migrate } from './migrate.ts';
import { idleInTransactionTimeoutMs } from './postgres-settings.ts';
import { rankAll } from './ranking.ts';
import { describePage, figureStatements, pageStatements, toFigures } from './shop-copy-rows.ts';
import { type DatabaseOptions, openUnhurriedConnection } from './unhurried-connection.ts';
import { verifyDatabase } from './verify.ts';

/** How long we wait for the transaction of a copy that was killed while the server was busy with it. */
const lockWaitMs = 60_000;

/** What a shop that has ever been used has a row in. */
const shopTables = [
  'product_changes',
  'products',
  'product_images',
  'stock_movements',
  'orders',
  'order_lines',
  'order_events',
  'idempotency_keys',
  'order_log',
  'popularity',
  'api_keys',
  'audit_log',
];

/**
 * What a service writes. Where some of them can have no trigger, the guard of the stock is enough: neither products
 * nor orders are ever written without a row of it.
 */
const guardedTables = [
  'products',
  'stock',
  'orders',
  'order_numbers',
  'order_key_secret',
  'api_keys',
  'audit_head',
];

/** @param identity of the source, see ShopReader @throws DatabaseRefusedError, CopyRefusedError */
export async function openPostgresShopWriter(
  options: DatabaseOptions,
  identity: string,
  nowMs: () => number = Date.now,
): Promise<ShopWriter> {
  const connection = await openUnhurriedConnection(options);
  try {
    return await createShopWriter(connection, identity, nowMs);
  } catch (error) {
    await connection.close();
    throw toRefusal(error, 'the start of a copy');
  }
}

async function createShopWriter(
  connection: Connection,
  identity: string,
  nowMs: () => number,
): Promise<ShopWriter> {
  const { send } = connection;
  if (await holdsUnfinishedCopy(send)) await assertCurrentSchema(send);
  else await begin(connection, identity);
  const position = await readPosition(send, identity);
  let expected = position;

  /** From the expected position to the next, with what belongs to it, or not at all. */
  async function step(reached: CopyPosition, what: string, statements: readonly Statement[]): Promise<void> {
    try {
      await inTransaction(send, async () => {
        const [moved] = await send([moveTo(expected, reached)]);
        if (moved?.rowCount !== 1) throw anotherCopy();
        if (statements.length > 0) await send(statements);
      });
    } catch (error) {
      throw toRefusal(error, what);
    }
    expected = reached;
  }

  return {
    position,
    write: (page: ShopPage, reached) => step(reached, describePage(page), pageStatements(page)),
    advance: (reached) => step(reached, `the start of ${reached.section}`, []),
    settle: (ending) =>
      step({ section: 'verification', after: null, copied: 0 }, 'the end', settlement(ending, nowMs())),
    async readFigures() {
      // Made of all rows just now: without statistics the plans for counting them would be guesses.
      const tables = ['stock', 'order_lines', ...shopTables].join(', ');
      const answers = await refusing('counting', () =>
        send([{ text: `ANALYZE ${tables}` }, ...figureStatements]),
      );
      return toFigures(answers.slice(1).map(({ rows }) => rows[0] ?? {}));
    },
    verify: () => refusing('verification', () => verifyDatabase(connection)),
    open: () =>
      refusing('opening', () =>
        inTransaction(send, async () => {
          await assertNobodyElse(send);
          // With the function go the triggers that call it.
          await send([{ text: 'DROP FUNCTION shop_copy_guard CASCADE; DROP TABLE shop_copy' }]);
        }),
      ),
    close: () => connection.close(),
  };
}

/** Brings the schema up to date and takes the database for this copy, if it is empty. */
async function begin(connection: Connection, identity: string): Promise<void> {
  const { send } = connection;
  await migrate(connection);
  await inTransaction(send, async () => {
    await send([lockCatalog, lockShop]);
    if (await holdsUnfinishedCopy(send)) return;
    await assertEmpty(send);
    await assertNobodyElse(send);
    const unguarded = await connection.distribution.readTablesWithoutTriggers(connection);
    await send([
      { text: readFileSync(programFile('storage/postgres/shop-copy.sql'), 'utf8') },
      ...guardedTables.filter((table) => !unguarded.includes(table)).map(guard),
      {
        text: "INSERT INTO shop_copy (source, section, after_key, rows_copied) VALUES ($1, $2, 'null', 0)",
        values: [identity, sectionNames[0]],
      },
    ]);
  });
}

const guard = (table: string): Statement => ({
  text: `CREATE TRIGGER shop_copy_guard BEFORE INSERT OR UPDATE OR DELETE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION shop_copy_guard()`,
});

async function assertEmpty(send: Connection['send']): Promise<void> {
  const columns = shopTables.map((table) => `EXISTS (SELECT 1 FROM ${table}) AS ${table}`);
  const [answer] = await send([{ text: `SELECT ${columns.join(', ')}` }]);
  if (!Object.values(answer?.rows[0] ?? {}).includes(true)) return;
  throw new CopyRefusedError(
    'The target holds a shop already: a shop is copied into a database of its own, such as one made with createdb -E UTF8 -T template0 NAME.',
  );
}

/** Services name their connections; they have some open from the first page they show to the last. */
async function assertNobodyElse(send: Connection['send']): Promise<void> {
  const [answer] = await send([
    {
      text: `SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name ~ '^nozama (write|read)'`,
    },
  ]);
  const sessions = Number(answer?.rows[0]?.['count'] ?? 0);
  if (sessions === 0) return;
  throw new CopyRefusedError(
    `A service is connected to the target (${sessions} ${sessions === 1 ? 'connection' : 'connections'}): stop it, and start it when the copy has ended.`,
  );
}

/** Waits until a transaction that has outlived its process has ended, one way or the other. */
async function readPosition(send: Connection['send'], identity: string): Promise<CopyPosition> {
  const row = await inTransaction(send, async () => {
    const [answer] = await send([
      { text: 'SELECT source, section, after_key, rows_copied FROM shop_copy FOR UPDATE' },
    ]);
    return answer?.rows[0];
  });
  if (row?.['source'] !== identity) {
    throw new CopyRefusedError(
      'A copy of another shop, or of this one before it was changed, was begun in the target: make the database anew with dropdb and createdb, and copy again.',
    );
  }
  const section = [...sectionNames, 'verification' as const].find((name) => name === row['section']);
  if (section === undefined) throw new Error(`a copy stands at ${row['section']}, which is no section`);
  return { section, after: toCursor(String(row['after_key'])), copied: Number(row['rows_copied']) };
}

function toCursor(text: string): Cursor {
  return JSON.parse(text) as Cursor;
}

function moveTo(from: CopyPosition, to: CopyPosition): Statement {
  return {
    name: 'move-copy',
    text: `UPDATE shop_copy SET section = $3, after_key = $4, rows_copied = $5::bigint
      WHERE section = $1 AND after_key = $2`,
    values: [from.section, JSON.stringify(from.after), to.section, JSON.stringify(to.after), to.copied],
  };
}

function anotherCopy(): CopyRefusedError {
  return new CopyRefusedError('Another copy writes to the target: let it end, or stop it and copy again.');
}

/** What belongs to no page. Numbers and movements go on where the source's ended. */
function settlement({ orderKeySecret, auditHead, shopId }: CopyEnding, nowMs: number): readonly Statement[] {
  return [
    lockShop,
    rankAll(nowMs),
    {
      text: `UPDATE order_numbers
        SET next_number = (SELECT coalesce(max(number) + 1, ${orderNumberFirst}) FROM orders)`,
    },
    {
      text: `SELECT setval(pg_get_serial_sequence('stock_movements', 'movement_id'), max(movement_id))
        FROM stock_movements HAVING max(movement_id) IS NOT NULL`,
    },
    {
      text: 'UPDATE audit_head SET position = $1, hash = $2 WHERE position < $1',
      values: [auditHead.position, auditHead.hash],
    },
    { text: 'UPDATE shop_identity SET shop_id = $1::uuid', values: [shopId] },
    ...(orderKeySecret === null
      ? []
      : [
          {
            text: `INSERT INTO order_key_secret (secret) VALUES ($1)
              ON CONFLICT (only_row) DO UPDATE SET secret = excluded.secret`,
            values: [Buffer.from(orderKeySecret).toString('base64url')],
          },
        ]),
  ];
}

/** One transaction; rolled back when it throws. Only its own statements pass the guard. */
async function inTransaction<Result>(send: Connection['send'], work: () => Promise<Result>): Promise<Result> {
  await send([
    { text: beginReadCommitted },
    {
      text: `SET LOCAL nozama.copies = 'yes'; SET LOCAL lock_timeout = ${lockWaitMs};
        SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`,
    },
  ]);
  let commit: Answer | undefined;
  try {
    const result = await work();
    [commit] = await send([{ text: 'COMMIT' }]);
    if (commit?.command !== 'COMMIT') throw new Error('PostgreSQL rolled back without a reason');
    return result;
  } catch (error) {
    await send([{ text: 'ROLLBACK' }]).catch(() => undefined);
    throw error;
  }
}

async function refusing<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toRefusal(error, what);
  }
}

/** One sentence for a fault that an operator can mend; all that has been copied stays. */
function toRefusal(error: unknown, what: string): unknown {
  if (error instanceof ConnectionLostError) {
    // The very last COMMIT may have taken effect without an answer: then the copy has ended.
    const unless =
      what === 'opening' ? ', unless it says that the target holds a shop, which is this one' : '';
    return new CopyRefusedError(
      `The copy stopped at ${what}, because ${error.message}. Run the same command again: it goes on where it stopped${unless}.`,
      { cause: error },
    );
  }
  if (!(error instanceof StatementFailedError)) return error;
  const { sqlState, message } = error;
  const refused = (remedy: string) =>
    new CopyRefusedError(`PostgreSQL refuses ${what}: ${message}. ${remedy}`, { cause: error });
  if (sqlState === lockNotAvailable) return anotherCopy();
  if (sqlState === insufficientPrivilege)
    return refused('Copy as the role that owns the tables, such as nozama_owner.');
  if (/^(22|23)/.test(sqlState)) {
    return refused('Run `nozama verify` on the source: it holds something that PostgreSQL can’t store.');
  }
  return refused('Mend that and run the same command again: it goes on where it stopped.');
}
