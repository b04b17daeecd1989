/** Keeps the write-ahead log bounded without making orders wait; see checkpoint-thread.ts. */
import { Worker } from 'node:worker_threads';
import { threadModule } from '../../program/program-files.ts';
import type { CheckpointSettings } from './checkpoint-thread.ts';

export interface Checkpointer {
  close(): Promise<void>;
}

export function startCheckpointer(
  settings: CheckpointSettings,
  finishCheckpoint: () => Promise<unknown>,
): Checkpointer {
  const thread = new Worker(threadModule('storage/sqlite/checkpoint-thread.ts'), { workerData: settings });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  thread.on('message', (message: 'finish' | 'closed') => {
    if (message !== 'finish') return;
    const done = () => thread.postMessage('finished');
    finishCheckpoint().then(done, done);
  });
  return {
    close() {
      thread.postMessage('close');
      return ended;
    },
  };
}
