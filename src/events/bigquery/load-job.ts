/**
 * Load jobs. BigQuery refuses a second job with the id of another (409), and a job's rows are in the table all or not at
 * all. The id of a job is made from the table and the position that the table has before it, so that of all jobs that
 * could follow this position one alone can succeed (docs/decisions/0044).
 */
import { createHash } from 'node:crypto';
import { type BigQueryAnswer, type BigQueryClient, must, sentenceOf } from './bigquery-client.ts';
import type { RemoteTable } from './remote-table.ts';

/** What a job is named by. */
export interface JobName {
  readonly shopId: string;
  readonly remote: RemoteTable;
  /** The highest position in the table before the load; 0 for none. */
  readonly after: number;
  /** 0, and one more after each job that has failed. */
  readonly attempt: number;
}

/** Such as `nozama_orders_1200_0_5f0c…`. The digest tells tables of one name apart: by dataset, shop, and making. */
export function jobIdOf({ shopId, remote, after, attempt }: JobName): string {
  const { where, generation } = remote;
  const table = where.slice(where.lastIndexOf('.') + 1);
  const digest = createHash('sha256').update(`${where} ${shopId} ${generation}`).digest('hex').slice(0, 24);
  return `nozama_${table}_${after}_${attempt}_${digest}`;
}

/** What our jobs say of themselves, as labels: lower-case letters, digits, `_` and `-`. */
export interface LoadLabels {
  /** Position of the last row. */
  readonly through: number;
  readonly rows: number;
  /** Of the shop's fact at the last row's position; see {@link digestOfFact}. */
  readonly factDigest: string;
  /** Tells our own job from that of another writer with the same id. */
  readonly loadId: string;
}

/** Short enough for a label. A copy of the shop that went on by itself has another one. @param fact see `ShopLog.readFact` */
export function digestOfFact(fact: string): string {
  return createHash('sha256').update(fact).digest('hex').slice(0, 32);
}

export interface LoadedJob extends LoadLabels {
  readonly kind: 'loaded';
  /** As BigQuery has counted them. */
  readonly loadedRows: number;
}

export type JobState =
  /** No such job. */
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | LoadedJob
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly message: string;
      readonly endedAtMs: number;
    };

export async function readJob(client: BigQueryClient, name: JobName): Promise<JobState> {
  const { remote } = name;
  const answer = await client.call({
    path: `jobs/${jobIdOf(name)}`,
    query: { location: remote.location },
  });
  return answer.status === 404 ? { kind: 'none' } : stateOf(must(answer, remote.where) as JobResource);
}

/** @returns null when it is not known whether the job was started: {@link readJob} tells */
export async function startJob(
  client: BigQueryClient,
  name: JobName,
  labels: LoadLabels,
  file: Uint8Array,
): Promise<BigQueryAnswer | null> {
  const { where, location } = name.remote;
  const { projectId, datasetId } = client.address;
  const job = {
    jobReference: { projectId, jobId: jobIdOf(name), location },
    configuration: {
      labels: {
        nozama_shop: name.shopId,
        nozama_through: String(labels.through),
        nozama_rows: String(labels.rows),
        nozama_fact: labels.factDigest,
        nozama_load: labels.loadId,
      },
      load: {
        destinationTable: { projectId, datasetId, tableId: where.slice(where.lastIndexOf('.') + 1) },
        sourceFormat: 'PARQUET',
        // A table that was removed is made with its labels and partitions, never by a load.
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_APPEND',
      },
    },
  };
  return client.upload(job, file);
}

interface JobResource {
  readonly status?: {
    readonly state?: string;
    readonly errorResult?: { readonly reason?: string; readonly message?: string };
  };
  readonly configuration?: { readonly labels?: Readonly<Record<string, string>> };
  readonly statistics?: { readonly endTime?: string; readonly load?: { readonly outputRows?: string } };
}

function stateOf({ status = {}, configuration = {}, statistics = {} }: JobResource): JobState {
  if (status.state !== 'DONE') return { kind: 'running' };
  const { errorResult } = status;
  if (errorResult !== undefined) {
    const { reason = 'unknown', message } = errorResult;
    return {
      kind: 'failed',
      reason,
      message: sentenceOf(message),
      endedAtMs: Number(statistics.endTime ?? 0),
    };
  }
  const { nozama_through, nozama_rows, nozama_fact = '', nozama_load = '' } = configuration.labels ?? {};
  return {
    kind: 'loaded',
    through: Number(nozama_through),
    rows: Number(nozama_rows),
    factDigest: nozama_fact,
    loadId: nozama_load,
    loadedRows: Number(statistics.load?.outputRows),
  };
}
