/**
 * How long an import of a catalogue takes and how much memory it needs, by the real command line: for lists of 10,000,
 * 100,000 and 1,000,000 products, each into an empty shop and then once more, unchanged. Then how long orders take beside
 * an import.
 *
 *   make bench_import            SIZES=10000,1000000 for other lists; ENGINE=postgres for PostgreSQL
 *
 * Linux only: the peak of the memory comes from /proc.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { ordersBesideImport } from './orders-beside-import.ts';
import { importProductList, writeProductList } from './product-list.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    sizes: { type: 'string', default: '10000,100000,1000000' },
  },
});
/** None leaves out the first part. */
const sizes = values.sizes.split(',').filter(Boolean).map(Number);
/** A server of its own; null for an engine that needs none. */
const serverOf = new Map<string, () => Promise<PostgresServer | null>>([
  ['sqlite', async () => null],
  ['postgres', () => startPostgres({ fsync: true })],
]);
const startServer = serverOf.get(values.engine);
if (startServer === undefined || !sizes.every((size) => Number.isInteger(size) && size >= 1)) {
  process.stderr.write(
    '--engine is sqlite or postgres, --sizes are numbers of products such as 10000,100000.\n',
  );
  process.exit(2);
}

const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'import-'));
const server = await startServer();
let databases = 0;
try {
  const { at, commit, isModified, cpuModel, cores, filesystem } = describeEnvironment(folder, ['bun']);
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${values.engine}, ${cores} × ${cpuModel}, ${filesystem}\n`,
  );
  for (const lines of sizes) await importInto(await emptyDatabase(), lines);
  process.stdout.write(await ordersBesideImport(findRuntime('bun') ?? '', folder, await emptyDatabase()));
} finally {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}

async function emptyDatabase(): Promise<string> {
  databases += 1;
  if (server === null) return `sqlite:${join(folder, `shop-${databases}.db`)}`;
  await server.query(`CREATE DATABASE shop_${databases}`);
  return server.url(`shop_${databases}`);
}

async function importInto(databaseUrl: string, lines: number): Promise<void> {
  const list = join(folder, 'list.csv');
  await writeProductList(list, lines, 'item');
  for (const which of ['new', 'again']) {
    const { seconds, peakMib, ownPeakMib, said } = await importProductList(list, folder, databaseUrl);
    const rate = Math.round(lines / seconds);
    process.stdout.write(
      `${lines} products, ${which}: ${seconds.toFixed(1)} s, ${rate}/s, peak ${Math.round(peakMib)} MiB, ${Math.round(ownPeakMib)} MiB its own. ${said}\n`,
    );
  }
}
