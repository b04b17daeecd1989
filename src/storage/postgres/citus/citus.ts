/**
 * Citus, an extension of PostgreSQL: orders, their lines and keys are spread over workers (deploy/citus/distribute.sql),
 * and everything else stays on the coordinator, which we connect to. docs/decisions/0018 says how and why.
 */
import type { Statement } from '../connection.ts';
import type { Distribution } from '../distribution.ts';
import { lockShopForSession, unlockShop } from '../locks.ts';
import { createSettledEnd } from './settled-log.ts';
import { sqlStateOf } from './worker-messages.ts';
import { assertRefusalsAreTrue, readUnsafeWorkers } from './workers.ts';

interface Extension extends Distribution {
  /** An expression: whether the database has it, and orders may be spread therefore. */
  readonly isInstalled: string;
}

export const citus: Extension = {
  isInstalled: "to_regclass('pg_dist_node') IS NOT NULL",

  // It plans statements about distributed tables by their values only, and refuses to do without. One connection
  // to each worker does for a batch: more would each have two phases of a commit to go through.
  sessionSettings: [
    { text: "SET plan_cache_mode = 'auto'; SET citus.multi_shard_modify_mode = 'sequential'" },
  ],

  // These settings would be one session's, and so would the lock of `oneMoment`, which stops all orders while it is held.
  poolerMistake:
    'has Citus, which needs sessions of our own: give DATABASE_URL the address of the coordinator itself, without pgbouncer=true.',

  sqlStateOf,
  readUnsafeServers: readUnsafeWorkers,
  assertRefusalsAreTrue,
  keepsLinesApart: true,
  toWrites: (statements) => statements.map(notedAsWrite),

  // Each node has a snapshot of its own, so all are taken while no order is being committed: with one connection to each
  // worker, the first statement takes them.
  oneMoment: {
    before: [lockShopForSession],
    after: [{ text: 'SELECT order_id FROM orders LIMIT 1' }, unlockShop],
  },

  settledEnd: createSettledEnd,
  logsProducts: true,

  async readTablesWithoutTriggers({ send }) {
    const [answer] = await send([
      {
        text: `SELECT logicalrelid::text AS name FROM pg_dist_partition
          WHERE partmethod <> 'n' OR repmodel = 't'`,
      },
    ]);
    return (answer?.rows ?? []).map(({ name }) => String(name));
  },
};

const insertsIntoShards = [
  'insert-orders',
  'insert-lines',
  'insert-keys',
  'insert-keys-of-steps',
  'insert-events',
];

/**
 * Without RETURNING, Citus copies the rows to a shard, and forgets that it has written there when the same
 * transaction has read it before: that worker would not be prepared (docs/decisions/0018).
 */
function notedAsWrite(statement: Statement): Statement {
  const { name } = statement;
  if (name === undefined || !insertsIntoShards.includes(name)) return statement;
  return { ...statement, name: `${name}-noted`, text: `${statement.text} RETURNING 1` };
}
