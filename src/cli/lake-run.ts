/** `nozama lake run` and `nozama bigquery run`: write apart from the service, until they are stopped. */
import { isatty } from 'node:tty';
import { Registry } from 'prom-client';
import { createTeller } from '../lake-writer/lake-teller.ts';
import { assertCredentials, describePlace, type PlaceConfig } from '../lake-writer/place.ts';
import { writeLake } from '../lake-writer/write-lake.ts';
import { createLakeMetrics } from '../observability/lake-metrics.ts';
import { openLog } from '../observability/logging.ts';
import { stopSignals } from './stop-signals.ts';

/** For the last round; what it does not write is written by the next run. */
const lastRoundMs = 10_000;

export async function run(config: PlaceConfig, withinSeconds: number): Promise<number> {
  assertCredentials(config);
  const place = describePlace(config);
  const log = openLog({ level: 'info', file: null, terminal: { file: 1, isTty: isatty(1) } });
  const teller = createTeller(log, createLakeMetrics([new Registry()], place.kind), place);
  const loop = writeLake({ config, withinMs: withinSeconds * 1_000 }, teller.news);
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of stopSignals(process.platform)) process.once(name, resolve);
  });
  log.info({ signal }, 'stopping');
  await loop.stop(lastRoundMs);
  log.info({}, 'stopped');
  await log.flush();
  // A request that hangs would keep the process.
  process.exit(0);
}
