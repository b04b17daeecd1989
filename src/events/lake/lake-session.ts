/**
 * A table that is being written: its newest state, and the checks before each commit.
 *
 * Any number of sessions may be at work on a table, in this process or in others. A session reads what the others have
 * committed before it decides anything, and the creation of the next version is the fence between them.
 */

import type { ObjectStore } from '../../objects/object-store.ts';
import { columnsOf, type LakeColumn, type LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import {
  type AddFile,
  type CommitInfo,
  type DeltaAction,
  formatActions,
  type MetaData,
} from './delta-actions.ts';
import { columnsIn, grownSchema, schemaStringOf } from './delta-schema.ts';
import { forgetRemovedHourly, removedFileRetentionMs } from './forget-removed.ts';
import { publishVersion } from './publish-version.ts';
import { digestOf, isTooOld, readNewVersions, readTable } from './read-table.ts';
import {
  assertNoRowsBeyond,
  assertOwnHistory,
  positionIn,
  type ShopHistory,
  transactionsAt,
} from './table-position.ts';
import { applyVersion, assertKnownProtocol, ourProtocol, type TableState } from './table-state.ts';

export interface LakeOptions {
  readonly files: ObjectStore;
  readonly table: LakeTable;
  /** Made with the shop, and the same in all its copies. */
  readonly shopId: string;
  readonly personalData: boolean;
  readonly history: ShopHistory;
  readonly nowMs: () => number;
  /** Makes a UUID. */
  readonly newId: () => string;
}

export interface LakeSession {
  readonly options: LakeOptions;
  /** Null before the first reading, and after a commit of which the outcome is not known. */
  state: TableState | null;
  readAtMs: number;
  /** The position at which the table's history was found to be the shop's; -1 before. */
  provenPosition: number;
}

export function openSession(options: LakeOptions): LakeSession {
  return { options, state: null, readAtMs: 0, provenPosition: -1 };
}

/** What the next commit goes by. */
export interface NewestTable {
  readonly state: TableState;
  readonly position: number;
  /** The columns that the table has, or will have with {@link growth}. */
  readonly columns: readonly LakeColumn[];
  /** The action that gives the table the columns it lacks; null when it lacks none. */
  readonly growth: MetaData | null;
}

/**
 * Reads what the others have committed, and checks that this shop may write on. Makes the table when there is none.
 * @throws TableRefusedError with one sentence. Nothing was written.
 */
export async function readNewest(session: LakeSession): Promise<NewestTable> {
  const { files, table, personalData, history } = session.options;
  const where = files.description;
  const { state, added, readAtMs } = await newestState(session);
  const { metaData, schemaString } = assertOurTable(state, session.options);
  const position = positionIn(state, session.options, where);
  assertNoRowsBeyond(added, position, session.options, where);
  if (position !== session.provenPosition) await assertOwnHistory(state, session.options, history, where);
  const growth = schemaString === null ? null : grownMetaData(metaData, schemaString, personalData);
  forgetRemovedHourly(state, readAtMs);
  session.state = state;
  session.readAtMs = readAtMs;
  session.provenPosition = position;
  return { state, position, columns: columnsIn((growth ?? metaData).schemaString, table, where), growth };
}

interface OurTable {
  readonly metaData: MetaData;
  /** With the columns that the table lacks; null when it lacks none. */
  readonly schemaString: string | null;
}

/**
 * What can be told of a table without the shop's log.
 * @throws TableRefusedError when it is not this shop's, or is not as Nozama has written it
 */
export function assertOurTable(state: TableState, options: LakeOptions): OurTable {
  const { files, table, personalData } = options;
  const where = files.description;
  const metaData = assertKnownProtocol(state, where);
  assertOwner(metaData, options);
  if (metaData.partitionColumns.join() !== table.partitionColumn)
    throw new TableRefusedError(
      `${where} is not partitioned by ${table.partitionColumn}. Name an empty place by LAKE_URL.`,
    );
  const schemaString = grownSchema(metaData.schemaString, table, personalData, where);
  if (state.foreignRowsVersion !== null)
    throw new TableRefusedError(
      `Another program has added rows to ${where}, in version ${state.foreignRowsVersion}. Name an empty place by LAKE_URL, and run nozama lake backfill.`,
    );
  return { metaData, schemaString };
}

/** @throws TableRefusedError when there are files and no table */
export async function assertNoFiles(files: ObjectStore): Promise<void> {
  for await (const { name: path } of files.list('')) {
    throw new TableRefusedError(
      `${files.description} has files (${path}) and is no Delta table. Empty it, or name an empty place by LAKE_URL.`,
    );
  }
}

interface ReadState {
  readonly state: TableState;
  /** Files that no check has seen yet. */
  readonly added: Iterable<AddFile>;
  readonly readAtMs: number;
}

/** The session has no state until all checks have passed: one that fails is made anew the next time. */
async function newestState(session: LakeSession): Promise<ReadState> {
  const { files, nowMs } = session.options;
  const readAtMs = nowMs();
  const { state: before } = session;
  session.state = null;
  if (before !== null && !isTooOld(session.readAtMs, readAtMs)) {
    const added = await readNewVersions(files, before);
    if (added !== null) return { state: before, added, readAtMs };
  }
  session.provenPosition = -1;
  const state = (await readTable(files)) ?? (await makeTable(session.options));
  return { state, added: state.files.values(), readAtMs };
}

/** Version 0 without rows: a data file that a crash leaves behind is then always within a table. */
async function makeTable(options: LakeOptions): Promise<TableState> {
  const { files, table, personalData, nowMs, newId } = options;
  try {
    await assertNoFiles(files);
  } catch (error) {
    // Another writer may have made the table since it was not found.
    const made = await readTable(files);
    if (made === null) throw error;
    return made;
  }
  const now = nowMs();
  const metaData: MetaData = {
    id: newId(),
    name: table.name,
    description: table.meaning,
    format: { provider: 'parquet', options: {} },
    schemaString: schemaStringOf(columnsOf(table, personalData)),
    partitionColumns: [table.partitionColumn],
    configuration: {
      'delta.appendOnly': String(!personalData),
      // Others write checkpoints, too, and go by this.
      'delta.deletedFileRetentionDuration': `interval ${removedFileRetentionMs / 3_600_000} hours`,
      [shopKey]: options.shopId,
      [tableKey]: table.name,
    },
    createdTime: now,
  };
  await publishVersion(files, 0, [
    { commitInfo: commitInfoOf(options, 'CREATE TABLE', {}) },
    { protocol: ourProtocol },
    { metaData },
    ...transactionsAt(options, 0, null, now).map((txn) => ({ txn })),
  ]);
  // It is ours or another writer's: both are read.
  const state = await readTable(files);
  if (state === null) throw new TableRefusedError(`${files.description} was made and can't be read.`);
  return state;
}

const shopKey = 'nozama.shop';
const tableKey = 'nozama.table';

function assertOwner({ configuration }: MetaData, { files, shopId, table }: LakeOptions): void {
  const { description } = files;
  const [owner, name] = [configuration[shopKey], configuration[tableKey]];
  if (owner === undefined)
    throw new TableRefusedError(
      `${description} is a Delta table that Nozama did not make. Name an empty place by LAKE_URL.`,
    );
  if (owner !== shopId)
    throw new TableRefusedError(
      `${description} belongs to another shop (${owner}; this one is ${shopId}). Name an empty place by LAKE_URL.`,
    );
  if (name !== table.name)
    throw new TableRefusedError(
      `${description} is the table ${name}, not ${table.name}. Name an empty place by LAKE_URL.`,
    );
}

/** Rows with personal data can be erased, so that the table is no longer one that only grows. */
function grownMetaData(metaData: MetaData, schemaString: string, personalData: boolean): MetaData {
  const erasable = personalData ? { 'delta.appendOnly': 'false' } : {};
  return { ...metaData, schemaString, configuration: { ...metaData.configuration, ...erasable } };
}

export function commitInfoOf(
  { nowMs, newId }: LakeOptions,
  operation: CommitInfo['operation'],
  operationParameters: CommitInfo['operationParameters'],
): CommitInfo {
  return { timestamp: nowMs(), operation, operationParameters, engineInfo: 'Nozama', txnId: newId() };
}

/** Publishes the version after the state's. @returns whether it was this one; else another writer's is there to be read */
export async function commitNext(session: LakeSession, actions: readonly DeltaAction[]): Promise<boolean> {
  const { state, options } = session;
  if (state === null) throw new Error('a commit follows a reading');
  // Until the outcome is known, the state may be behind the log in a way that only the log tells.
  session.state = null;
  const version = state.version + 1;
  const published = await publishVersion(options.files, version, actions);
  if (published === 'ours') {
    applyVersion(state, version, actions, options.files.description);
    state.lastDigest = digestOf(formatActions(actions));
  }
  session.state = state;
  return published === 'ours';
}
