/**
 * The thread that moves the write-ahead log into the database file, beside the commits and not in their
 * way. It does all but the last few pages, then asks for the writer to do those between two commits:
 * a log that is whole in the database starts anew, and so stays bounded.
 *
 * SQLite's own automatic checkpoint would do this inside a commit, and the orders of that commit would
 * wait for the whole of it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openConnection } from './connection.ts';

export interface CheckpointSettings {
  readonly file: string;
  /** Looks at the log this often, in milliseconds. */
  readonly intervalMs: number;
  /** Starts once the log holds this many pages. */
  readonly logPagesMax: number;
}

/** Pages the writer may be left with: some 8 MB, written while orders wait. */
const pagesLeftMax = 2_000;

/** Each pass leaves only what was committed meanwhile, so three come close to nothing or nothing does. */
const passesMax = 3;

const port = parentPort;
if (port === null) throw new Error('the checkpointer runs as a worker thread only');

const { file, intervalMs, logPagesMax } = workerData as CheckpointSettings;
const db = openConnection({ file, readOnly: false, cacheKib: 1_024 });
const look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
const pass = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');

let asked = false;

function tick(): void {
  try {
    const { log } = look.get() as unknown as LogState;
    if (log < logPagesMax || asked) return;
    for (let passes = 0; passes < passesMax; passes += 1) {
      const state = pass.get() as unknown as LogState;
      if (state.log - state.checkpointed < pagesLeftMax && passes > 0) break;
    }
    asked = true;
    port?.postMessage('finish');
  } catch {
    // A full or failing disk: the commits report it. The log waits and is looked at again.
  }
}

interface LogState {
  readonly busy: number;
  /** Pages in the log, and how many of them are in the database. */
  readonly log: number;
  readonly checkpointed: number;
}

const timer = setInterval(tick, intervalMs);
port.on('message', (message: 'finished' | 'close') => {
  if (message === 'finished') {
    asked = false;
    return;
  }
  clearInterval(timer);
  db.close();
  port.postMessage('closed');
  port.close();
});
