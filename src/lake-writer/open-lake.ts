/** Puts together what writes the lake: the shop's log, the store of objects, the tables. For the service and for `nozama lake`. */
import { type LakeSession, openSession } from '../events/lake/lake-session.ts';
import { lakeOptions, openLakeSinks } from '../events/lake/lake-sinks.ts';
import { createTableWriter, type Written } from '../events/table-writer.ts';
import { TableRefusedError } from '../events/tables/table-refused-error.ts';
import type { OpenedWriter } from '../events/writing-loop.ts';
import { createOrderIds } from '../intake/order-ids.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { assertStoreAddress, openObjectStore } from '../objects/open-object-store.ts';
import { sendsUnencrypted } from '../objects/transport-encryption.ts';
import { databaseAt, type EngineSettings } from '../storage/engines.ts';
import { createUpkeep, type UpkeepEvents, type VacuumDue } from './lake-upkeep.ts';

/** Plain values: a thread is given them. */
export interface LakeConfig {
  readonly databaseUrl: string;
  readonly engineSettings: EngineSettings;
  readonly lakeUrl: string;
  readonly personalData: boolean;
  /** Where the credentials of the store are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Looks at the settings alone: credentials may be mended while the service runs.
 * @throws ObjectStoreError for a wrong address, TableRefusedError for one that personal data must not take
 */
export function assertLakeAddress({ lakeUrl, personalData }: LakeConfig): void {
  assertStoreAddress(lakeUrl, 'LAKE_URL');
  if (personalData && sendsUnencrypted(lakeUrl)) {
    throw new TableRefusedError(
      'LAKE_PERSONAL_DATA=true needs an encrypted way to LAKE_URL. Use swebhdfs: or https:, or leave personal data out.',
    );
  }
}

/** Asks the store nothing yet. @throws as {@link assertLakeAddress}, and ObjectStoreError without credentials */
export function lakeStore(config: LakeConfig): ObjectStore {
  assertLakeAddress(config);
  return openObjectStore(config.lakeUrl, 'LAKE_URL', { environment: config.environment });
}

export interface LakeEvents extends UpkeepEvents {
  readonly onWritten: (written: Written) => void;
}

export interface OpenedLake extends OpenedWriter {
  /** One for each table, for work beside the writer. */
  readonly upkeepSessions: readonly LakeSession[];
}

/**
 * @param vacuumDue as of createUpkeep; that of the opening before, when there was one
 * @throws DatabaseRefusedError, ObjectStoreError, TableRefusedError
 */
export async function openLake(
  config: LakeConfig,
  events: LakeEvents,
  vacuumDue: VacuumDue = new Map(),
): Promise<OpenedLake> {
  const nowMs = Date.now;
  const shop = await databaseAt(config.databaseUrl, config.engineSettings).openLog();
  try {
    const { personalData } = config;
    const settings = { store: lakeStore(config), shop, personalData, nowMs, newId: createOrderIds(nowMs) };
    const sinks = await openLakeSinks(settings);
    const upkeepSessions = (await lakeOptions(settings)).map(openSession);
    const upkeep = createUpkeep(upkeepSessions, events, vacuumDue);
    return {
      upkeepSessions,
      writer: createTableWriter({ shop, sinks, nowMs, onWritten: events.onWritten }),
      beginUpkeep: () => void upkeep.begin(),
      async close() {
        upkeep.stop();
        await shop.close();
      },
    };
  } catch (error) {
    await shop.close();
    throw error;
  }
}
