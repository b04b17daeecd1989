/**
 * With Citus, orders are kept by workers (deploy/citus/distribute.sql): a commit is durable when they keep it too,
 * so that they are asked what the server itself is asked in connection.ts. And a crash can leave them with orders that
 * no reader sees until Citus has finished what they had prepared.
 */
import type { Outcome } from '../../../domain/outcome.ts';
import { DatabaseRefusedError } from '../../engine.ts';
import type { Connection } from '../connection.ts';
import { StatementFailedError, serializationFailure } from '../failures.ts';
import type { PostgresSettings } from '../postgres-settings.ts';
import { unsafeSettings } from '../server-trust.ts';

const askWorkers = `
  SELECT nodename || ':' || nodeport AS worker, success, result
  FROM run_command_on_workers($ask$
    SELECT json_build_object('fsync', current_setting('fsync'),
      'synchronous_commit', current_setting('synchronous_commit'),
      'full_page_writes', current_setting('full_page_writes')) $ask$)`;

/**
 * What may make a worker forget a commit, such as `worker-1:5432 runs with fsync=off`; nothing on a database
 * without Citus. @throws DatabaseRefusedError when that is not allowed, or a worker does not answer
 */
export async function readUnsafeWorkers(
  { send }: Connection,
  settings: PostgresSettings,
): Promise<readonly string[]> {
  const [answer] = await send([{ text: askWorkers }]);
  const unsafe: string[] = [];
  for (const { worker, success, result } of answer?.rows ?? []) {
    if (success !== true) {
      throw new DatabaseRefusedError(
        `The Citus worker ${worker} does not answer the coordinator: ${result}. Start it, or take it out of the cluster.`,
      );
    }
    const off = unsafeSettings(JSON.parse(String(result)));
    if (off.length > 0) unsafe.push(`${worker} runs with ${off.join(', ')}`);
  }
  if (unsafe.length > 0 && !settings.allowsUnsafeCommits) {
    throw new DatabaseRefusedError(
      `The Citus worker ${unsafe.join('; ')}: it may forget orders that were confirmed. Switch it on, or set DATABASE_ALLOW_UNSAFE_COMMITS=true if losing orders is acceptable.`,
    );
  }
  return unsafe;
}

/** Batches are not among them: we have the shop's lock. What the probe or the catalogue has is gone at the next try. */
const askInDoubt = `
  SELECT count(*)::integer AS in_doubt FROM run_command_on_workers($ask$
    SELECT count(*) FROM pg_prepared_xacts
    WHERE database = current_database() AND gid LIKE 'citus%' $ask$)
  WHERE NOT success OR result <> '0'`;

/**
 * Which outcomes an earlier commit that nobody sees yet could make untrue: a command that is refused may be stored
 * already by its own first try. An idempotency key that was read is used for good, whatever the workers finish later.
 */
const mayBeUntrue: Readonly<Record<Outcome['kind'], boolean>> = {
  placed: false,
  stepped: false,
  replayed: false,
  conflict: false,
  out_of_stock: true,
  price_changed: true,
  rejected: true,
  order_not_found: true,
  shipment_not_found: true,
  not_allowed_now: true,
  lines_rejected: true,
  stale: true,
  stock_full: true,
  access_changed: true,
};

/**
 * An order that is refused may be there all the same, with the last unit, unseen on a worker. Then nobody is told
 * anything yet. @throws StatementFailedError worth another try
 */
export async function assertRefusalsAreTrue(
  { send }: Connection,
  outcomes: readonly Outcome[],
): Promise<void> {
  const refuses = outcomes.some(({ kind }) => mayBeUntrue[kind]);
  if (!refuses) return;
  const [answer] = await send([{ text: askInDoubt }]);
  if (answer?.rows[0]?.['in_doubt'] !== 0) {
    throw new StatementFailedError(
      'a Citus worker has yet to finish an earlier commit',
      serializationFailure,
    );
  }
}
