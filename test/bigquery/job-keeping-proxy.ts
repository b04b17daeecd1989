/**
 * A proxy before an emulator of BigQuery that gives every upload another job's id. The proxy keeps the ids that were asked
 * for, and refuses one that is used a second time, as BigQuery does. The emulator tells the rows of the table as those of
 * the load; the proxy takes off those that were there.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JobKeepingProxy extends AsyncDisposable {
  /** For BIGQUERY_EMULATOR_HOST. */
  readonly host: string;
  /** What happens to the next uploads. */
  readonly faults: ('lose answer' | 'lose request')[];
  readonly jobIds: readonly string[];
}

/** @param emulator such as `127.0.0.1:9050` */
export async function startJobKeepingProxy(emulator: string): Promise<JobKeepingProxy> {
  const faults: JobKeepingProxy['faults'] = [];
  /** By the id of the upload. */
  const asked = new Map<string, string>();
  /** By the id that was asked for; null when the emulator has refused it. */
  const jobs = new Map<string, Promise<object | null>>();
  const rowsBefore = new Map<string, number>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = new URL(incoming.url ?? '', `http://${incoming.headers.host}`);
    const body = Buffer.concat(chunks);
    const say = (status: number, content: object) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    const refuse = (status: number, reason: string) =>
      say(status, { error: { code: status, message: reason, errors: [{ reason }] } });

    const job = /\/jobs\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (incoming.method === 'GET' && job !== undefined) {
      // A question waits until the job is done: the clock of tests would not wait for the emulator.
      const found = (await jobs.get(job)) ?? null;
      return found === null ? refuse(404, 'notFound') : say(200, found);
    }
    const jobId = incoming.method === 'PUT' ? asked.get(url.searchParams.get('upload_id') ?? '') : undefined;
    const fault = jobId === undefined ? undefined : faults.shift();
    if (fault === 'lose request') return void incoming.socket.destroy();
    const { promise: done, resolve: finish } = Promise.withResolvers<object | null>();
    if (jobId !== undefined) {
      if (jobs.has(jobId)) return refuse(409, 'duplicate');
      jobs.set(jobId, done);
    }
    const answer = await fetch(`http://${emulator}${incoming.url}`, {
      method: incoming.method ?? '',
      headers: Object.fromEntries(
        ['content-type', 'content-range'].flatMap((name) => {
          const value = incoming.headers[name];
          return value === undefined ? [] : [[name, String(value)]];
        }),
      ),
      ...(body.length === 0 ? {} : { body }),
    });
    const text = await answer.text();
    if (jobId !== undefined) {
      finish(answer.ok ? withOutputRows(JSON.parse(text), rowsBefore) : null);
      if (!answer.ok) jobs.delete(jobId);
    }
    const location = answer.headers.get('location');
    if (location !== null) {
      const { jobReference } = JSON.parse(body.toString()) as { jobReference: { jobId: string } };
      asked.set(new URL(location).searchParams.get('upload_id') ?? '', jobReference.jobId);
      outgoing.setHeader('location', location.replace(emulator, url.host));
    }
    if (fault === 'lose answer') return void incoming.socket.destroy();
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    get jobIds() {
      return [...jobs.keys()];
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface LoadedJob {
  readonly configuration: { readonly load: { readonly destinationTable: object } };
  readonly statistics: { readonly load?: { readonly outputRows?: string } };
}

/** @param rowsBefore by table */
function withOutputRows(job: LoadedJob, rowsBefore: Map<string, number>): object {
  const rows = Number(job.statistics.load?.outputRows);
  if (Number.isNaN(rows)) return job;
  const table = JSON.stringify(job.configuration.load.destinationTable);
  const outputRows = String(rows - (rowsBefore.get(table) ?? 0));
  rowsBefore.set(table, rows);
  return { ...job, statistics: { ...job.statistics, load: { outputRows } } };
}
