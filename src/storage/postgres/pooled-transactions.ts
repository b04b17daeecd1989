/**
 * What a transaction says for itself when a pooler in transaction mode (PgBouncer) gives it any of its sessions:
 * what a connection of our own is told once, when it is opened (connection.ts), is told to each transaction.
 */
import type { Statement } from './connection.ts';
import { idleInTransactionTimeoutMs, type PostgresSettings, plannerSettings } from './postgres-settings.ts';

/** Right behind BEGIN: the limits in time, and how to plan. Nothing of it outlives the transaction. */
export function transactionLimits(settings: PostgresSettings): Statement {
  const values: Readonly<Record<string, string | number>> = {
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    ...plannerSettings,
  };
  const calls = Object.entries(values).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return { text: `SELECT ${calls.join(', ')}` };
}

/**
 * Before anything is written: the server behind the pooler may be another than the one that was looked at when
 * we connected, or the same after a restart, and no connection of ours breaks to tell. `synchronous_commit` is
 * a session's own, which another user of the session may have left off, so it is put right rather than refused.
 */
export const assertDurableTransaction: Statement = {
  text: `DO $$ BEGIN
    IF current_setting('fsync') = 'off' OR current_setting('full_page_writes') = 'off' THEN
      RAISE EXCEPTION 'the server behind the pooler runs with fsync or full_page_writes off: it may forget orders that were confirmed';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN SET LOCAL synchronous_commit = on; END IF;
  END $$`,
};
