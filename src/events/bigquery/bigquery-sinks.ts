/** The tables of a dataset in BigQuery as sinks of the shop's logs: those of the lake, without personal data. */
import type { ShopLog } from '../../storage/shop-log.ts';
import type { TableSink } from '../table-sink.ts';
import { buildBatch } from '../tables/column-builder.ts';
import type { ColumnBatch } from '../tables/column-values.ts';
import { columnsOf } from '../tables/lake-table.ts';
import { entriesIn, type TableSource, tableSources } from '../tables/table-sources.ts';
import type { BigQueryClient } from './bigquery-client.ts';
import { loadRows } from './load-rows.ts';
import { type LoadOptions, openLoadSession, readLoadedPosition } from './load-session.ts';

export interface BigQuerySettings
  extends Pick<LoadOptions, 'client' | 'location' | 'nowMs' | 'monotonicMs' | 'newId' | 'sleep'> {
  readonly client: BigQueryClient;
  readonly shop: ShopLog;
}

/** Dataset and tables are made when they are first asked for. */
export async function openBigQuerySinks({
  shop,
  ...settings
}: BigQuerySettings): Promise<readonly TableSink[]> {
  const { projectId, datasetId } = settings.client.address;
  const shopId = await shop.readShopId();
  return tableSources.map((source) => {
    const { table } = source;
    const columns = columnsOf(table, false);
    const rowsAt = (position: number) => readRows(shop, source, columns, position);
    const factAt = (position: number) => shop.readFact(source.log, position);
    const session = openLoadSession({ ...settings, table, columns, shopId, rowsAt, factAt });
    return {
      source,
      description: `${projectId}.${datasetId}.${table.name}`,
      columns,
      readPosition: () => readLoadedPosition(session),
      append: (part) => loadRows(session, part),
    };
  });
}

async function readRows(
  shop: ShopLog,
  { addRows }: TableSource,
  columns: LoadOptions['columns'],
  position: number,
): Promise<ColumnBatch> {
  const batch = buildBatch(columns);
  await addRows(batch, entriesIn(shop, { after: position - 1, through: position }));
  return batch.build();
}
