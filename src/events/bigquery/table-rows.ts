/** What stands in a table of BigQuery, by queries. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ColumnBatch, isNull } from '../tables/column-values.ts';
import type { LakeColumn, LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { type BigQueryClient, must } from './bigquery-client.ts';
import type { RemoteTable } from './remote-table.ts';

/** A query's answer is waited for so long, in milliseconds. */
const queryWaitMs = 300_000;
/** Of one request for its answer; BigQuery answers earlier when it can. */
const queryPollMs = 20_000;
/** Pause between two requests, for a server that does not wait. */
const queryPauseMs = 500;

const dayMs = 86_400_000;

/** The highest position in the table; null when it has no row. Reads one column: 8 bytes a row. */
export async function readHighest(
  client: BigQueryClient,
  remote: RemoteTable,
  { positionColumn }: LakeTable,
): Promise<number | null> {
  const value = await readValue(client, remote, `SELECT MAX(${positionColumn}) FROM \`${remote.where}\``, []);
  return value === null ? null : Number(value);
}

/**
 * Whether the table has this row of the batch; columns that may be null, and instants, are not compared. Reads one day.
 * @param row within the batch
 */
export async function hasRow(
  client: BigQueryClient,
  remote: RemoteTable,
  { table, columns }: { readonly table: LakeTable; readonly columns: readonly LakeColumn[] },
  batch: ColumnBatch,
  row = 0,
): Promise<boolean> {
  const parameters: QueryParameter[] = [];
  const conditions: string[] = [];
  for (const { name, type, nullable } of columns) {
    const values = batch.columns.get(name);
    if (values === undefined || nullable || isNull(values, row)) continue;
    const value = values.values[row];
    if (name === table.partitionColumn)
      // A constant, by which BigQuery knows which day to read.
      conditions.push(`${name} = DATE '${new Date(Number(value) * dayMs).toISOString().slice(0, 10)}'`);
    else if (type === 'string' || type === 'long' || type === 'integer') {
      conditions.push(`${name} = @${name}`);
      const parameterType = { type: type === 'string' ? 'STRING' : 'INT64' };
      parameters.push({ name, parameterType, parameterValue: { value: String(value) } });
    }
  }
  const text = `SELECT COUNT(*) FROM \`${remote.where}\` WHERE ${conditions.join(' AND ')}`;
  return Number(await readValue(client, remote, text, parameters)) > 0;
}

interface QueryParameter {
  readonly name: string;
  readonly parameterType: { readonly type: string };
  readonly parameterValue: { readonly value: string };
}

interface QueryAnswer {
  readonly jobComplete?: boolean;
  readonly jobReference?: { readonly jobId?: string };
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
}

/** The one value that the query gives. */
async function readValue(
  client: BigQueryClient,
  { where, location }: RemoteTable,
  query: string,
  queryParameters: readonly QueryParameter[],
): Promise<string | null> {
  const body = {
    query,
    location,
    useLegacySql: false,
    // A cached answer may be older than the table.
    useQueryCache: false,
    timeoutMs: queryPollMs,
    ...(queryParameters.length === 0 ? {} : { parameterMode: 'NAMED', queryParameters }),
  };
  let answer: QueryAnswer = must(await client.call({ method: 'POST', path: 'queries', body }), where);
  const endsAtMs = performance.now() + queryWaitMs;
  while (answer.jobComplete !== true) {
    if (performance.now() > endsAtMs)
      throw new TableRefusedError(
        `A query of ${where} has not ended within ${queryWaitMs / 60_000} minutes.`,
      );
    await sleep(queryPauseMs);
    const path = `queries/${answer.jobReference?.jobId}`;
    answer = must(await client.call({ path, query: { location, timeoutMs: String(queryPollMs) } }), where);
  }
  return answer.rows?.[0]?.f[0]?.v ?? null;
}
