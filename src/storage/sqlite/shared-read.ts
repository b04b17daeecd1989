/**
 * One read transaction for all reads of a turn of the event loop.
 *
 * Beginning one costs file locks, and the first read of each throws away what SQLite had cached when a
 * commit came in between: together more than a confirmation's whole reading. Requests that arrive together
 * therefore share one. Always holds: what this process has answered as stored is seen by every later read,
 * because {@link SharedRead.end} is called before such an answer; no transaction outlives its turn, so
 * checkpoints are not held up. Of another process's commits, a read may see those up to the turn's start.
 */
import type { DatabaseSync } from 'node:sqlite';
import { rollBack } from './connection.ts';

export interface SharedRead {
  /** Begins the turn's transaction, or joins it. Returns whether it had begun before. */
  join(): boolean;
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

  return {
    join() {
      if (isOpen) return true;
      begin.run();
      isOpen = true;
      if (!endsWithTurn) {
        endsWithTurn = true;
        setImmediate(() => {
          endsWithTurn = false;
          end();
        });
      }
      return false;
    },
    end,
  };
}
