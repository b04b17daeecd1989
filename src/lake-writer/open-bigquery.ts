/** Puts together what loads a shop into BigQuery: the shop's log, the dataset, its tables. */
import { type BigQueryClient, openBigQuery } from '../events/bigquery/bigquery-client.ts';
import { openBigQuerySinks } from '../events/bigquery/bigquery-sinks.ts';
import type { DatasetAddress } from '../events/bigquery/dataset-address.ts';
import { createTableWriter, type Written } from '../events/table-writer.ts';
import type { OpenedWriter } from '../events/writing-loop.ts';
import { createOrderIds } from '../intake/order-ids.ts';
import { databaseAt, type EngineSettings } from '../storage/engines.ts';

/** Plain values: a thread is given them. */
export interface BigQueryConfig {
  readonly databaseUrl: string;
  readonly engineSettings: EngineSettings;
  readonly dataset: DatasetAddress;
  /** Of a dataset that is made, such as `EU`. */
  readonly location: string;
  /** Where the credentials are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Asks BigQuery nothing yet. @throws ObjectStoreError for wrong credentials */
export function bigQueryClient({ dataset, environment }: BigQueryConfig): BigQueryClient {
  return openBigQuery(dataset, environment);
}

/** @throws DatabaseRefusedError, ObjectStoreError */
export async function openBigQueryWriter(
  config: BigQueryConfig,
  onWritten: (written: Written) => void,
): Promise<OpenedWriter> {
  const nowMs = Date.now;
  const client = bigQueryClient(config);
  const shop = await databaseAt(config.databaseUrl, config.engineSettings).openLog();
  try {
    const { location } = config;
    const sinks = await openBigQuerySinks({ client, location, shop, nowMs, newId: createOrderIds(nowMs) });
    return {
      writer: createTableWriter({ shop, sinks, nowMs, onWritten }),
      beginUpkeep: () => undefined,
      close: () => shop.close(),
    };
  } catch (error) {
    await shop.close();
    throw error;
  }
}
