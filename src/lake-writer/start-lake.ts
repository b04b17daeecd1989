/** A place beside the service: starts its thread, tells the log and the metrics, and starts the thread anew if it fails. */
import { Worker } from 'node:worker_threads';
import { lakeTables } from '../events/tables/lake-tables.ts';
import type { LakeMetrics } from '../observability/lake-metrics.ts';
import type { Log } from '../observability/logging.ts';
import { threadModule } from '../program/program-files.ts';
import { createTeller } from './lake-teller.ts';
import type { StopOrder, ThreadNews } from './lake-thread.ts';
import { describePlace, type PlaceConfig } from './place.ts';
import type { LakeTask } from './write-lake.ts';

/** After a fault of the thread, in milliseconds. */
const restartMs = 30_000;

/** For the last round when the service stops; what it does not write is written after the next start. */
const lastRoundMs = 1_000;

export interface Lake {
  stop(): Promise<void>;
}

export interface LakeServiceOptions {
  readonly config: PlaceConfig;
  readonly withinMs: number;
  readonly log: Log;
  readonly metrics: LakeMetrics;
}

/** @throws ObjectStoreError for a wrong address. Whatever fails later is told, and tried again. */
export function startLake({ config, withinMs, log, metrics }: LakeServiceOptions): Lake {
  const teller = createTeller(log, metrics, describePlace(config));
  metrics.watch(
    withinMs,
    lakeTables.map(({ name }) => name),
  );
  let thread: Worker | null = null;
  let restart: NodeJS.Timeout | undefined;
  let isStopping = false;

  function begin(): void {
    const workerData: LakeTask = { config, withinMs };
    const begun = new Worker(threadModule('lake-writer/lake-thread.ts'), { workerData });
    thread = begun;
    begun.on('message', (news: ThreadNews) => {
      if (news.kind !== 'ended') teller.news(news);
    });
    begun.on('error', teller.threadFailed);
    begun.once('exit', () => {
      if (thread === begun) thread = null;
      if (!isStopping) restart = setTimeout(begin, restartMs);
    });
  }
  begin();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(restart);
      if (thread === null) return;
      const ending = thread;
      const ended = new Promise<void>((resolve) => {
        ending.once('exit', () => resolve());
        ending.on('message', ({ kind }: ThreadNews) => {
          if (kind === 'ended') resolve();
        });
      });
      const order: StopOrder = { graceMs: lastRoundMs };
      ending.postMessage(order);
      // Killed in the midst of its work, it leaves nothing that the next start does not continue.
      const timer = setTimeout(() => void ending.terminate(), lastRoundMs + 200);
      await ended;
      clearTimeout(timer);
      await ending.terminate();
    },
  };
}
