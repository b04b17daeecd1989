/** A dataset and its tables as BigQuery has them; they are made when they are missing. */

import type { LakeColumn, LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { type BigQueryClient, must, refusalOf } from './bigquery-client.ts';
import { fieldOf, grownFields, type TableField } from './table-schema.ts';

export interface RemoteTable {
  /** Such as `my-project.shop.orders`. */
  readonly where: string;
  /** Where the table's jobs run, such as `EU`: every request for a job must name it. */
  readonly location: string;
  /** Another one after the table was removed and made again. */
  readonly generation: string;
  /** In milliseconds since the Unix epoch; null for a table that never had a row. */
  readonly changedAtMs: number | null;
}

export interface TableOwner {
  readonly shopId: string;
  readonly table: LakeTable;
  /** Of the table that this shop writes. */
  readonly columns: readonly LakeColumn[];
}

const shopLabel = 'nozama_shop';
const tableLabel = 'nozama_table';

/** @returns its location @param location of a dataset that is made @throws TableRefusedError */
export async function ensureDataset(client: BigQueryClient, location: string): Promise<string> {
  const { projectId, datasetId } = client.address;
  const where = `${projectId}.${datasetId}`;
  const read = () => client.call({ path: `datasets/${datasetId}` });
  let answer = await read();
  if (answer.status === 404) {
    const body = {
      datasetReference: { projectId, datasetId },
      location,
      description: 'Orders and stock, by Nozama.',
    };
    const made = await client.call({ method: 'POST', path: 'datasets', body });
    // Another instance was faster, or the answer to the first try was lost.
    if (made.status !== 409) must(made, where);
    answer = await read();
  }
  return String(must(answer, where)['location']);
}

/**
 * Makes the table when there is none, and gives it the columns that it lacks.
 * @throws TableRefusedError when this shop can't write it
 */
export async function ensureTable(
  client: BigQueryClient,
  location: string,
  owner: TableOwner,
): Promise<RemoteTable> {
  const { projectId, datasetId } = client.address;
  const { shopId, table, columns } = owner;
  const where = `${projectId}.${datasetId}.${table.name}`;
  const path = `datasets/${datasetId}/tables/${table.name}`;
  const read = () => client.call({ path });
  let answer = await read();
  if (answer.status === 404) {
    const body = {
      tableReference: { projectId, datasetId, tableId: table.name },
      description: table.meaning,
      labels: { [shopLabel]: shopId, [tableLabel]: table.name },
      schema: { fields: columns.map(fieldOf) },
      timePartitioning: { type: 'DAY', field: table.partitionColumn },
    };
    const made = await client.call({ method: 'POST', path: `datasets/${datasetId}/tables`, body });
    if (made.status !== 409) must(made, where);
    answer = await read();
  }
  const found = must(answer, where) as unknown as TableResource;
  assertOwner(found, owner, where);
  const fields = grownFields(found.schema?.fields ?? [], columns, where);
  if (fields !== null) {
    const grown = await client.call({ method: 'PATCH', path, body: { schema: { fields } } });
    if (grown.status >= 300) throw refusalOf(grown, where);
  }
  const isEmpty = found.numRows === '0' || found.numRows === undefined;
  // An expiration that somebody sets for a table with rows stays.
  if (isEmpty) await switchOffExpiration(client, path, found, where);
  return {
    where,
    location,
    generation: found.creationTime,
    changedAtMs: isEmpty ? null : Number(found.lastModifiedTime),
  };
}

interface TableResource {
  readonly creationTime: string;
  readonly lastModifiedTime: string;
  readonly numRows?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly schema?: { readonly fields?: readonly TableField[] };
  readonly timePartitioning?: {
    readonly type?: string;
    readonly field?: string;
    /** After so many milliseconds BigQuery removes the rows of a day. */
    readonly expirationMs?: string;
  };
  /** When BigQuery removes the table. */
  readonly expirationTime?: string;
}

/**
 * A new table has the expiration that is the dataset's default, and rows that BigQuery removes would be missing. A table
 * can't be made without it: BigQuery takes a null for no answer then. A null in a change switches it off
 * (https://github.com/googleapis/python-bigquery/issues/2403, https://github.com/googleapis/google-cloud-ruby/issues/10889).
 */
async function switchOffExpiration(
  client: BigQueryClient,
  path: string,
  found: TableResource,
  where: string,
): Promise<void> {
  if (!expires(found)) return;
  const { type, field } = found.timePartitioning ?? {};
  const body = { timePartitioning: { type, field, expirationMs: null }, expirationTime: null };
  if (expires(must(await client.call({ method: 'PATCH', path, body }), where)))
    throw new TableRefusedError(
      `BigQuery would remove rows of ${where} after a time, and does not let us switch that off. Take the default expiration from the dataset, or name another one by BIGQUERY_DATASET.`,
    );
}

function expires({ timePartitioning, expirationTime }: Partial<TableResource>): boolean {
  return (timePartitioning?.expirationMs ?? expirationTime ?? null) !== null;
}

function assertOwner(found: TableResource, { shopId, table }: TableOwner, where: string): void {
  const { labels = {}, timePartitioning } = found;
  const refused = (why: string) =>
    new TableRefusedError(`${where} ${why}. Name another dataset by BIGQUERY_DATASET.`);
  const owner = labels[shopLabel];
  if (owner === undefined)
    throw refused(`is a table that Nozama did not make (it has no label ${shopLabel})`);
  if (owner !== shopId) throw refused(`belongs to another shop (${owner}; this one is ${shopId})`);
  if (labels[tableLabel] !== table.name) throw refused(`is the table ${labels[tableLabel]}`);
  if (timePartitioning?.field !== table.partitionColumn)
    throw refused(`is not partitioned by ${table.partitionColumn}`);
}
