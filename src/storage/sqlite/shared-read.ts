/**
 * One read transaction for all reads of a turn of the event loop.
 *
 * Beginning one costs file locks, and the first read of each throws away what SQLite had cached when a
 * commit came in between: together more than a confirmation's whole reading. Requests that arrive together
 * therefore share one. Always holds: what this process has answered as stored is seen by every later read,
 * because {@link SharedRead.end} is called before such an answer; no transaction outlives its turn, so
 * checkpoints are not held up. Of another process's commits, a ranking may miss
 * those since the turn's start; an order that is not found is looked for in the present moment.
 */
import type { DatabaseSync } from 'node:sqlite';
import { rollBack } from './connection.ts';

export interface SharedRead {
  /** Begins the turn's transaction, or joins it. */
  join(): void;
  /** Brings a transaction that has begun to the present moment. Returns false when there was none. */
  renew(): boolean;
  /** The next read begins anew. */
  end(): void;
}

export function createSharedRead(db: DatabaseSync): SharedRead {
  const begin = db.prepare('BEGIN');
  const commit = db.prepare('COMMIT');
  let isOpen = false;
  let endsWithTurn = false;

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
    if (endsWithTurn) return;
    endsWithTurn = true;
    setImmediate(() => {
      endsWithTurn = false;
      end();
    });
  }

  return {
    join,
    renew() {
      if (!isOpen) return false;
      end();
      join();
      return true;
    },
    end,
  };
}
