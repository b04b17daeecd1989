/** The tables of a lake as sinks of the shop's logs. */

import type { ObjectStore } from '../../objects/object-store.ts';
import { proveCreate } from '../../objects/prove-create.ts';
import { removeLeftovers, storeBelow } from '../../objects/store-below.ts';
import type { ShopLog } from '../../storage/shop-log.ts';
import type { TableSink } from '../table-sink.ts';
import { columnsOf } from '../tables/lake-table.ts';
import { type TableSource, tableSources } from '../tables/table-sources.ts';
import { appendRows } from './append-rows.ts';
import { type LakeOptions, type LakeSession, openSession, readNewest } from './lake-session.ts';
import { isCheckpointDue, writeCheckpoint } from './write-checkpoint.ts';

export interface LakeSettings {
  readonly store: ObjectStore;
  readonly shop: ShopLog;
  readonly personalData: boolean;
  readonly nowMs: () => number;
  /** Makes a UUID. */
  readonly newId: () => string;
}

/**
 * Looks whether the store can hold a lake, and removes what killed writers have left there. The tables are made when
 * they are first asked for.
 * @throws ObjectStoreError
 */
export async function openLakeSinks(settings: LakeSettings): Promise<readonly TableSink[]> {
  const { store, nowMs } = settings;
  await proveCreate(store);
  await removeLeftovers(store, nowMs());
  const options = await lakeOptions(settings);
  return options.map(({ source, ...table }) => sinkOf(source, openSession(table)));
}

export interface SourcedOptions extends LakeOptions {
  readonly source: TableSource;
}

/** What a session of each table is opened with. */
export async function lakeOptions(settings: LakeSettings): Promise<readonly SourcedOptions[]> {
  const { store, shop, personalData, nowMs, newId } = settings;
  const shopId = await shop.readShopId();
  return tableSources.map((source) => ({
    source,
    files: storeBelow(store, source.table.name),
    table: source.table,
    shopId,
    personalData,
    history: { factAt: (position: number) => shop.readFact(source.log, position) },
    nowMs,
    newId,
  }));
}

function sinkOf(source: TableSource, session: LakeSession): TableSink {
  const { files, table, personalData } = session.options;
  return {
    source,
    description: files.description,
    columns: columnsOf(table, personalData),
    async readPosition() {
      return (await readNewest(session)).position;
    },
    async append(part) {
      const appended = await appendRows(session, part);
      if (appended.kind === 'appended') await checkpointIfDue(session);
      return appended;
    },
  };
}

/** The rows are in the table: a checkpoint that fails is written after a later commit. */
async function checkpointIfDue({ state, options }: LakeSession): Promise<void> {
  if (state === null || !isCheckpointDue(state)) return;
  await writeCheckpoint(options.files, state, options.nowMs()).catch(() => undefined);
}
