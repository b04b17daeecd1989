/** Keeps the write-ahead log bounded without making orders wait; see checkpoint-thread.ts. */
import { Worker } from 'node:worker_threads';
import { threadModule } from '../../program/program-files.ts';
import type { CheckpointNews, CheckpointSettings } from './checkpoint-thread.ts';

export interface Checkpointer {
  /** For how long a reader has kept the log from starting anew, in milliseconds; 0 when none does. */
  heldMs(): number;
  close(): Promise<void>;
}

export function startCheckpointer(
  settings: CheckpointSettings,
  finishCheckpoint: () => Promise<unknown>,
  onWarning: (sentence: string) => void,
): Checkpointer {
  const thread = new Worker(threadModule('storage/sqlite/checkpoint-thread.ts'), { workerData: settings });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  let heldSinceMs: number | null = null;
  thread.on('message', (news: CheckpointNews) => {
    switch (news.kind) {
      case 'finish': {
        const done = () => thread.postMessage('finished');
        finishCheckpoint().then(done, done);
        return;
      }
      case 'held':
        heldSinceMs = news.isHeld ? performance.now() : null;
        return;
      case 'warning':
        onWarning(news.sentence);
        return;
      case 'closed':
        return;
    }
  });
  return {
    heldMs: () => (heldSinceMs === null ? 0 : performance.now() - heldSinceMs),
    close() {
      thread.postMessage('close');
      return ended;
    },
  };
}
