/**
 * A shop on Citus to look at: starts a coordinator and two workers, makes a shop, distributes it and says
 * where it is. Ends, and removes all of it, with Ctrl-C.
 *
 *   CITUS_BIN=/usr/lib/postgresql/16/bin bun lab/citus/start-citus.ts
 */
import { migrateEngine } from '../engine/engine-under-test.ts';
import { citusBin, distributeSql, startCitus } from './citus-cluster.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

const bin = citusBin();
if (bin === null) {
  process.stderr.write('CITUS_BIN must name the folder with the programs of a PostgreSQL that has Citus.\n');
  process.exit(2);
}
await using cluster = await startCitus({ bin, fsync: true });
const { coordinator, workers } = cluster;
await cluster.createDatabase('shop');
await migrateEngine(coordinator.url('shop'));
await coordinator.query(distributeSql, 'shop');
for (const [nth, worker] of workers.entries()) say(`worker ${nth + 1}     ${worker.url('shop')}`);
say(`coordinator  ${coordinator.url('shop')}\n`);
say(`DATABASE_URL=${coordinator.url('shop')} make start`);
await new Promise<void>((resolve) => {
  const waiting = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(waiting);
      resolve();
    });
  }
});
