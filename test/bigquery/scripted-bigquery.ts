/**
 * BigQuery as its reference describes it, in memory and over HTTP, as far as loads need it: datasets, tables, load jobs by
 * resumable upload, the two queries. It keeps the ids of jobs as BigQuery does, and does what a test tells it to do wrong.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readParquetInto } from '../../src/events/parquet/read-parquet.ts';
import { buildBatch } from '../../src/events/tables/column-builder.ts';
import { lakeTables } from '../../src/events/tables/lake-tables.ts';
import { aTable, changeTable, type Dataset, type Row, type StoredTable } from './scripted-tables.ts';

interface Job {
  readonly resource: Record<string, unknown>;
  /** Questions after it that are answered with RUNNING. */
  runs: number;
  readonly finish: () => Promise<object>;
  done: object | null;
}

interface ApiError {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

export interface JobError {
  readonly reason: string;
  readonly message: string;
  /** Against what BigQuery promises. */
  readonly butLoads?: boolean;
}

/** What goes wrong with a request. */
export type Fault =
  | ApiError
  /** It has its effect, and its answer is lost. */
  | 'lose answer'
  /** It has no effect and no answer. */
  | 'lose request';

export interface ScriptedBigQuery extends AsyncDisposable {
  /** For BIGQUERY_EMULATOR_HOST. */
  readonly host: string;
  readonly datasets: Map<string, Dataset>;
  /** By name. */
  readonly tables: Map<string, StoredTable>;
  readonly jobs: Map<string, Job>;
  /** Such as `PUT upload` or `GET jobs`; in order. */
  readonly requests: string[];
  /** Faults of the next requests of a kind. */
  readonly faults: Map<string, Fault[]>;
  /** Errors that the next jobs end with. */
  readonly jobErrors: JobError[];
  /** Rows that jobs leave out. */
  rowsLost: number;
  /** Questions after the next jobs that are answered with RUNNING. */
  jobRuns: number;
  nowMs: () => number;
  /** The header that requests must have; null when they need none. */
  authorization: string | null;
}

const project = 'my-project';

export async function startBigQuery(): Promise<ScriptedBigQuery> {
  const state: Omit<ScriptedBigQuery, 'host' | typeof Symbol.asyncDispose> = {
    datasets: new Map(),
    tables: new Map(),
    jobs: new Map(),
    requests: [],
    faults: new Map(),
    jobErrors: [],
    rowsLost: 0,
    jobRuns: 0,
    nowMs: Date.now,
    authorization: null,
  };
  const sessions = new Map<string, { job: Record<string, unknown> }>();
  const server = createServer((incoming, outgoing) => {
    answer(state as ScriptedBigQuery, sessions, incoming, outgoing).catch((error: unknown) => {
      outgoing.statusCode = 501;
      outgoing.end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    host,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  });
}

type Sessions = Map<string, { job: Record<string, unknown> }>;

async function answer(
  state: ScriptedBigQuery,
  sessions: Sessions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const url = new URL(incoming.url ?? '', `http://${state.host}`);
  const kind = kindOf(incoming.method ?? '', url.pathname);
  state.requests.push(kind);
  const { authorization } = incoming.headers;
  const isKnown = state.authorization === null || authorization === state.authorization;
  const fault = isKnown ? state.faults.get(kind)?.shift() : unauthenticated;
  if (fault === 'lose request') {
    incoming.socket.destroy();
    return;
  }
  const reply = typeof fault === 'object' ? errorOf(fault) : await handle(state, sessions, kind, url, body);
  if (fault === 'lose answer') {
    incoming.socket.destroy();
    return;
  }
  outgoing.statusCode = reply.status;
  outgoing.setHeader('content-type', 'application/json');
  if (reply.location) outgoing.setHeader('location', `http://${state.host}${reply.location}`);
  outgoing.end(JSON.stringify(reply.body));
}

const unauthenticated: ApiError = { status: 401, reason: 'authError', message: 'Invalid Credentials' };

/** Such as `GET tables` or `PUT upload`. */
function kindOf(method: string, path: string): string {
  if (path.startsWith('/upload/')) return `${method} upload`;
  const parts = path.split('/').slice(5);
  return `${method} ${parts.length > 2 ? parts[2] : parts[0]}`;
}

interface Reply {
  readonly status: number;
  readonly body: object;
  readonly location?: string;
}

const ok = (body: object): Reply => ({ status: 200, body });

function errorOf({ status, reason, message }: ApiError): Reply {
  return { status, body: { error: { code: status, message, errors: [{ reason, message }] } } };
}

const notFound = (what: string) =>
  errorOf({ status: 404, reason: 'notFound', message: `Not found: ${what}` });
const duplicate = (what: string) =>
  errorOf({ status: 409, reason: 'duplicate', message: `Already Exists: ${what}` });

async function handle(
  state: ScriptedBigQuery,
  sessions: Sessions,
  kind: string,
  url: URL,
  body: Buffer,
): Promise<Reply> {
  const name = url.pathname.split('/').at(-1) ?? '';
  // A job ends whether or not somebody asks for it.
  for (const job of state.jobs.values()) if (job.runs === 0) job.done ??= await job.finish();
  const sent = () => JSON.parse(body.toString()) as Record<string, never>;
  switch (kind) {
    case 'GET datasets':
      return state.datasets.has(name) ? ok({ ...state.datasets.get(name) }) : notFound(`Dataset ${name}`);
    case 'POST datasets': {
      const { datasetReference, location } = sent() as unknown as {
        datasetReference: { datasetId: string };
        location: string;
      };
      if (state.datasets.has(datasetReference.datasetId)) return duplicate('Dataset');
      state.datasets.set(datasetReference.datasetId, { location });
      return ok({});
    }
    case 'GET tables':
      return readTable(state, name);
    case 'POST tables':
      return makeTable(state, sent());
    case 'PATCH tables': {
      const table = state.tables.get(name) ?? assert.fail(name);
      changeTable(table, [...state.datasets.values()], sent(), state.nowMs());
      return readTable(state, name);
    }
    case 'POST queries':
      return query(state, sent());
    case 'GET jobs':
      return readJob(state, name, url.searchParams.get('location'));
    case 'POST upload': {
      const id = String(sessions.size + 1);
      sessions.set(id, { job: sent() });
      return { status: 200, body: {}, location: `${url.pathname}?uploadType=resumable&upload_id=${id}` };
    }
    case 'PUT upload': {
      const id = url.searchParams.get('upload_id') ?? '';
      const session = sessions.get(id);
      sessions.delete(id);
      return session === undefined ? notFound('Upload') : startJob(state, session.job, body);
    }
    default:
      return errorOf({ status: 400, reason: 'invalid', message: kind });
  }
}

function readTable(state: ScriptedBigQuery, name: string): Reply {
  const table = state.tables.get(name);
  if (table === undefined) return notFound(`Table ${name}`);
  const { resource, creationTime, lastModifiedTime, rows } = table;
  return ok({
    ...resource,
    creationTime: String(creationTime),
    lastModifiedTime: String(lastModifiedTime),
    numRows: String(rows.length),
  });
}

function makeTable(state: ScriptedBigQuery, resource: Record<string, never>): Reply {
  const { tableId, datasetId } = resource['tableReference'] as unknown as Record<string, string>;
  const dataset = state.datasets.get(datasetId ?? '');
  if (dataset === undefined) return notFound(`Dataset ${datasetId}`);
  if (state.tables.has(tableId ?? '')) return duplicate(`Table ${tableId}`);
  state.tables.set(tableId ?? '', aTable(dataset, resource, state.nowMs()));
  return ok({});
}

interface LoadJob {
  readonly jobReference: { readonly jobId: string; readonly location: string };
  readonly configuration: {
    readonly labels: Readonly<Record<string, string>>;
    readonly load: { readonly destinationTable: { readonly tableId: string } };
  };
}

function startJob(state: ScriptedBigQuery, resource: Record<string, unknown>, file: Buffer): Reply {
  const { jobReference, configuration } = resource as unknown as LoadJob;
  const { jobId } = jobReference;
  if (state.jobs.has(jobId)) return duplicate(`Job ${jobId}`);
  const wrong = Object.entries(configuration.labels).find((label) =>
    label.some((part) => !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(part)),
  );
  if (wrong !== undefined) return errorOf({ status: 400, reason: 'invalid', message: `Label ${wrong}` });
  const error = state.jobErrors.shift();
  const finish = async () => {
    const endTime = String(state.nowMs());
    const failed = (errorResult: object) => ({
      status: { state: 'DONE', errorResult },
      statistics: { endTime },
    });
    if (error !== undefined && error.butLoads !== true) return failed(error);
    const { tableId } = configuration.load.destinationTable;
    const table = state.tables.get(tableId);
    if (table === undefined) return failed({ reason: 'notFound', message: `Not found: Table ${tableId}` });
    const rows = (await rowsOf(tableId, file)).slice(state.rowsLost);
    table.rows.push(...rows);
    table.lastModifiedTime = state.nowMs();
    if (error !== undefined) return failed(error);
    return {
      status: { state: 'DONE' },
      statistics: { endTime, load: { outputRows: String(rows.length) } },
    };
  };
  state.jobs.set(jobId, { resource, runs: state.jobRuns, finish, done: null });
  return ok({ ...resource, status: { state: 'PENDING' } });
}

async function rowsOf(tableId: string, file: Buffer): Promise<Row[]> {
  const { columns } = lakeTables.find(({ name }) => name === tableId) ?? assert.fail(tableId);
  const batch = buildBatch(columns);
  await readParquetInto(batch, columns, file);
  const { rowCount, columns: values } = batch.build();
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(Array.from(values, ([column, { values: cells }]) => [column, cells[row] ?? null])),
  );
}

async function readJob(state: ScriptedBigQuery, id: string, location: string | null): Promise<Reply> {
  const job = state.jobs.get(id);
  const { jobReference } = (job?.resource ?? {}) as Partial<LoadJob>;
  // BigQuery finds no job when its location is not named.
  if (job === undefined || jobReference?.location !== location) return notFound(`Job ${id}`);
  if (job.runs > 0) {
    job.runs -= 1;
    return ok({ ...job.resource, status: { state: 'RUNNING' } });
  }
  job.done ??= await job.finish();
  return ok({ ...job.resource, ...job.done });
}

interface Query {
  readonly query: string;
  readonly queryParameters?: readonly {
    readonly name: string;
    readonly parameterValue: { readonly value: string };
  }[];
}

function query(state: ScriptedBigQuery, asked: Record<string, unknown>): Reply {
  const { query: text, queryParameters = [] } = asked as unknown as Query;
  const given = new Map(queryParameters.map(({ name, parameterValue }) => [name, parameterValue.value]));
  const [, select = '', table = '', where = ''] =
    /^SELECT (\S+) FROM `my-project\.\w+\.(\w+)`(?: WHERE (.*))?$/.exec(text) ?? assert.fail(text);
  const rows = (state.tables.get(table) ?? assert.fail(table)).rows;
  const found = rows.filter((row) =>
    where.split(' AND ').every((condition) => {
      const [, name = '', value = ''] = /^(\w+) = (.*)$/.exec(condition) ?? ['', '', ''];
      if (name === '') return true;
      const day = /^DATE '(.*)'$/.exec(value)?.[1];
      const wanted = day === undefined ? given.get(value.slice(1)) : String(Date.parse(day) / 86_400_000);
      return String(row[name]) === wanted;
    }),
  );
  const column = /^MAX\((\w+)\)$/.exec(select)?.[1];
  const highest =
    column === undefined ? null : found.map((row) => Number(row[column])).sort((a, b) => b - a)[0];
  const value = column === undefined ? String(found.length) : highest === undefined ? null : String(highest);
  return ok({ jobComplete: true, rows: [{ f: [{ v: value }] }] });
}

/** The address of the dataset of tests. */
export const address = { projectId: project, datasetId: 'shop' };
