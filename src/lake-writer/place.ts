/** The places that a shop's tables are written to: a lake, or BigQuery. */
import type { OpenedWriter } from '../events/writing-loop.ts';
import type { VacuumDue } from './lake-upkeep.ts';
import { type BigQueryConfig, bigQueryClient, openBigQueryWriter } from './open-bigquery.ts';
import { assertLakeAddress, type LakeConfig, type LakeEvents, lakeStore, openLake } from './open-lake.ts';

export type PlaceConfig = LakeConfig | BigQueryConfig;

export interface PlaceWords {
  /** Of log lines and metrics. */
  readonly kind: 'lake' | 'bigquery';
  /** Within a sentence. */
  readonly name: string;
  /** At the beginning of a sentence. */
  readonly Name: string;
  /** Such as `s3://bucket/shop`. */
  readonly where: string;
}

/** Looks at the settings alone. @throws ObjectStoreError for a wrong address, TableRefusedError */
export function describePlace(config: PlaceConfig): PlaceWords {
  if ('lakeUrl' in config) {
    assertLakeAddress(config);
    return { kind: 'lake', name: 'the lake', Name: 'The lake', where: config.lakeUrl };
  }
  const { projectId, datasetId } = config.dataset;
  return { kind: 'bigquery', name: 'BigQuery', Name: 'BigQuery', where: `${projectId}.${datasetId}` };
}

/** @param vacuumDue as of openLake @throws DatabaseRefusedError, ObjectStoreError, TableRefusedError */
export async function openPlace(
  config: PlaceConfig,
  events: LakeEvents,
  vacuumDue: VacuumDue,
): Promise<OpenedWriter> {
  return 'lakeUrl' in config
    ? openLake(config, events, vacuumDue)
    : openBigQueryWriter(config, events.onWritten);
}

/** For a command that somebody looks at; a service goes on without. @throws ObjectStoreError without credentials */
export function assertCredentials(config: PlaceConfig): void {
  if ('lakeUrl' in config) lakeStore(config);
  else bigQueryClient(config);
}
