/**
 * Up to where all rows of the order log's entries can be read.
 *
 * The coordinator commits first, then each worker what it has prepared (docs/decisions/0018): for some milliseconds, or
 * until a worker is back, entries are seen and their orders are not. What a worker has prepared after we have seen an end
 * may belong to entries before it. When all of that has been finished, the entries are whole: a worker shows the rows of a
 * transaction before it takes it from the list of prepared ones. Later transactions need not be waited for, so that this
 * ends however busy the shop is.
 */
import type { Connection, Statement } from '../connection.ts';
import type { SettledEnd } from '../distribution.ts';
import { StatementFailedError, serializationFailure } from '../failures.ts';

/** Looks at the workers for one call: a batch takes less than two of them to be finished. */
const looksMax = 20;

const selectPrepared: Statement = {
  text: `
    SELECT nodename || ':' || nodeport AS worker, success, result
    FROM run_command_on_workers($ask$
      SELECT coalesce(json_agg(gid), '[]') FROM pg_prepared_xacts
      WHERE database = current_database() AND gid LIKE 'citus%' $ask$)`,
};

/** An end of the order log, and the transactions that may belong to entries before it. */
interface WatchedEnd {
  readonly position: number;
  readonly unfinished: readonly string[];
}

/** For one reader, which remembers how far it got. */
export function createSettledEnd(selectEnd: Statement): SettledEnd {
  let settled: number | null = null;
  let watched: WatchedEnd | null = null;

  return async (send) => {
    let first: number | null = null;
    for (let looks = 0; looks < looksMax; looks += 1) {
      const { end, prepared } = await look(send);
      first ??= end;
      const { position, unfinished }: WatchedEnd = watched ?? { position: end, unfinished: prepared };
      const left = unfinished.filter((transaction) => prepared.includes(transaction));
      watched = left.length > 0 ? { position, unfinished: left } : null;
      if (watched === null) settled = position;
      if (settled !== null && settled >= first) break;
    }
    if (settled !== null) return settled;
    throw new StatementFailedError(
      'a Citus worker has yet to finish an earlier commit',
      serializationFailure,
    );
  };

  /** The end first: what is prepared for an entry that is seen is prepared by then. */
  async function look(
    send: Connection['send'],
  ): Promise<{ readonly end: number; readonly prepared: readonly string[] }> {
    const [end, workers] = await send([selectEnd, selectPrepared]);
    const prepared: string[] = [];
    for (const { worker, success, result } of workers?.rows ?? []) {
      if (success !== true) {
        throw new StatementFailedError(
          `the Citus worker ${worker} does not answer the coordinator`,
          serializationFailure,
        );
      }
      for (const gid of JSON.parse(String(result))) prepared.push(`${worker} ${gid}`);
    }
    return { end: Number(end?.rows[0]?.['position']), prepared };
  }
}
