/** Keeps the write-ahead log bounded without making orders wait; see checkpoint-thread.ts. */
import { Worker } from 'node:worker_threads';
import { threadModule } from '../../program/program-files.ts';
import type { CheckpointNews, CheckpointOrder, CheckpointSettings } from './checkpoint-thread.ts';

export interface Checkpointer {
  /** For how long a reader has kept the log from starting anew, in milliseconds; 0 when none does. */
  heldMs(): number;
  /** The log has data of persons who were erased: it is to be empty within seconds. */
  cutSoon(): void;
  close(): Promise<void>;
}

export function startCheckpointer(
  settings: CheckpointSettings,
  finishCheckpoint: (isToBeCut: boolean) => Promise<unknown>,
  onWarning: (sentence: string) => void,
): Checkpointer {
  const thread = new Worker(threadModule('storage/sqlite/checkpoint-thread.ts'), { workerData: settings });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  let heldSinceMs: number | null = null;
  thread.on('message', (news: CheckpointNews) => {
    switch (news.kind) {
      case 'finish': {
        const done = (isCut: boolean) => tell({ kind: 'finished', isCut });
        finishCheckpoint(news.isToBeCut).then(
          (isCut) => done(isCut === true),
          () => done(false),
        );
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
  const tell = (order: CheckpointOrder) => thread.postMessage(order);
  return {
    cutSoon: () => tell({ kind: 'cut' }),
    heldMs: () => (heldSinceMs === null ? 0 : performance.now() - heldSinceMs),
    close() {
      tell({ kind: 'close' });
      return ended;
    },
  };
}
