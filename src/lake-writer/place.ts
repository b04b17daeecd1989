/** The places that a shop's tables are written to: a lake, or BigQuery. */
import type { OpenedWriter } from '../events/writing-loop.ts';
import { type BigQueryConfig, bigQueryClient, openBigQueryWriter } from './open-bigquery.ts';
import { type LakeConfig, type LakeEvents, lakeStore, openLake } from './open-lake.ts';

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

/** Asks the place nothing yet. @throws ObjectStoreError for a wrong address or wrong credentials, TableRefusedError */
export function describePlace(config: PlaceConfig): PlaceWords {
  if ('lakeUrl' in config) {
    const { description: where } = lakeStore(config);
    return { kind: 'lake', name: 'the lake', Name: 'The lake', where };
  }
  const { projectId, datasetId } = bigQueryClient(config).address;
  return { kind: 'bigquery', name: 'BigQuery', Name: 'BigQuery', where: `${projectId}.${datasetId}` };
}

/** @throws DatabaseRefusedError, ObjectStoreError, TableRefusedError */
export async function openPlace(config: PlaceConfig, events: LakeEvents): Promise<OpenedWriter> {
  return 'lakeUrl' in config ? openLake(config, events) : openBigQueryWriter(config, events.onWritten);
}
