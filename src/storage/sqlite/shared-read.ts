/**
 * One read transaction for all reads of a turn of the event loop.
 *
 * Beginning one costs file locks, and the first read of each throws away what SQLite had cached when a
 * commit came in between: together more than a confirmation's whole reading. Requests that arrive together
 * therefore share one. Always holds: what this process has written is seen by every later read, because
 * {@link SharedRead.end} is called before anybody is told of it; no transaction outlives its turn. Of another
 * process's commits, a read may miss those since the turn's start, but an order that is not found is looked for
 * in the present moment.
 *
 * A reader of an old moment keeps the write-ahead log from starting anew, and a busy thread would nearly always
 * hold one: so nothing is shared while the writer ends a checkpoint.
 */
import type { DatabaseSync } from 'node:sqlite';
import { rollBack } from './connection.ts';

export interface SharedRead {
  /** Runs `work` in the turn's transaction. */
  read<Result>(work: () => Result): Result;
  /** Brings a transaction that has begun to the present moment. Returns false when there was none. */
  renew(): boolean;
  /** The next read begins anew. */
  end(): void;
  /** Until `work` has ended, each read has a transaction of its own. */
  withoutSharing<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createSharedRead(db: DatabaseSync): SharedRead {
  const begin = db.prepare('BEGIN');
  const commit = db.prepare('COMMIT');
  let isOpen = false;
  let endsWithTurn = false;
  let isSharing = true;

  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    try {
      commit.run();
    } catch {
      // Nothing was written; the next read reports what is wrong.
      rollBack(db);
    }
  }

  function join(): void {
    if (isOpen) return;
    begin.run();
    isOpen = true;
    if (endsWithTurn || !isSharing) return;
    endsWithTurn = true;
    setImmediate(() => {
      endsWithTurn = false;
      end();
    });
  }

  return {
    read(work) {
      join();
      try {
        return work();
      } finally {
        if (!isSharing) end();
      }
    },
    renew() {
      if (!isOpen) return false;
      end();
      join();
      return true;
    },
    end,
    async withoutSharing(work) {
      isSharing = false;
      end();
      try {
        return await work();
      } finally {
        isSharing = true;
      }
    },
  };
}
