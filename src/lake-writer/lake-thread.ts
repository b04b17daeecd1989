/** The thread that writes a place: what it encodes and waits for costs the serving thread nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { type LakeNews, type LakeTask, writeLake } from './write-lake.ts';

export type ThreadNews = LakeNews | { readonly kind: 'ended' };

/** Ends the thread after a last round, which may take `graceMs`. */
export interface StopOrder {
  readonly graceMs: number;
}

if (parentPort === null) throw new Error('lake-thread.ts runs as a thread');
const port = parentPort;
const tell = (news: ThreadNews) => port.postMessage(news);
const loop = writeLake(workerData as LakeTask, tell);

port.once('message', ({ graceMs }: StopOrder) => {
  void loop.stop(graceMs).then(() => {
    tell({ kind: 'ended' });
    port.close();
  });
});
