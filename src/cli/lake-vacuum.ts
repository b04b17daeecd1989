/** `nozama lake vacuum`: removes files and versions that no reader needs any more. */
import { randomUUID } from 'node:crypto';

import { removedFileRetentionMs } from '../events/lake/forget-removed.ts';
import { type LakeOptions, openSession } from '../events/lake/lake-session.ts';
import { lakeOptions } from '../events/lake/lake-sinks.ts';
import { readTable } from '../events/lake/read-table.ts';
import { logRetentionMs, retentionMsMin, vacuumFiles, vacuumLog } from '../events/lake/vacuum.ts';
import { type LakeConfig, lakeStore } from '../lake-writer/open-lake.ts';
import { removeLeftovers } from '../objects/store-below.ts';
import { OperatorError } from '../program/operator-error.ts';
import { databaseAt } from '../storage/engines.ts';
import { UsageError } from './command.ts';
import { counted, grouped } from './figures.ts';

const hourMs = 3_600_000;

/** Of `--retention-hours`. */
export const retentionHours = { min: retentionMsMin / hourMs, max: removedFileRetentionMs / hourMs };

/** @param text as it was given; undefined for the longest @throws UsageError */
export function retentionIn(text: string | boolean | undefined): number {
  if (text === undefined) return removedFileRetentionMs;
  const hours = typeof text === 'string' && /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (hours < retentionHours.min || hours > retentionHours.max)
    throw new UsageError(
      `--retention-hours must be a whole number from ${retentionHours.min} to ${retentionHours.max}: readers that have begun need the files of their version for a while.`,
    );
  return hours * hourMs;
}

export async function run(config: LakeConfig, retentionMs: number): Promise<number> {
  const store = lakeStore(config);
  const nowMs = Date.now;
  const shop = await databaseAt(config.databaseUrl, config.engineSettings).openLog();
  try {
    const { personalData } = config;
    const refusals = new Set<string>();
    for (const options of await lakeOptions({ store, shop, personalData, nowMs, newId: randomUUID })) {
      try {
        process.stdout.write(await vacuum(options, retentionMs));
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        refusals.add(error.message);
      }
    }
    for (const refusal of refusals) process.stderr.write(`${refusal}\n`);
    await removeLeftovers(store, nowMs());
    return refusals.size === 0 ? 0 : 1;
  } finally {
    await shop.close();
  }
}

async function vacuum(options: LakeOptions, retentionMs: number): Promise<string> {
  const { name } = options.table;
  if ((await readTable(options.files)) === null) return `${name}: not made yet\n`;
  const session = openSession(options);
  const files = await vacuumFiles(session, retentionMs);
  const log = await vacuumLog(session, logRetentionMs);
  return `${name}: ${counted(files.removedFiles, 'file')} (${grouped(files.removedBytes)} bytes) and ${counted(log.removedFiles, 'file')} of its log removed\n`;
}
