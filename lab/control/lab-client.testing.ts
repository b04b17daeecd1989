/** A program that uses the lab over HTTP, for tests. */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunView } from './live.ts';
import type { RunMessage } from './live-run.ts';

export interface LabAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json(): unknown;
}

export interface LabClient {
  get(path: string): Promise<LabAnswer>;
  send(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LabAnswer>;
  run(): Promise<RunView>;
  /** Waits until the run is as asked. */
  runUntil(isAsAsked: (view: RunView) => boolean, msMax?: number): Promise<RunView>;
  watch(): Promise<EventWatch>;
}

/** The messages of one stream of events so far. */
export interface EventWatch {
  readonly messages: readonly RunMessage[];
  until(isThere: (messages: readonly RunMessage[]) => boolean, msMax?: number): Promise<void>;
  close(): void;
}

const waitMsMax = 20_000;

export function labClient(url: string): LabClient {
  async function ask(path: string, init: RequestInit): Promise<LabAnswer> {
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  }
  const get = (path: string) => ask(path, {});
  const run = async () => (await get('/api/run')).json() as RunView;
  return {
    get,
    run,
    send: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async runUntil(isAsAsked, msMax = waitMsMax) {
      for (const endMs = performance.now() + msMax; ; await sleep(50)) {
        const view = await run();
        if (isAsAsked(view)) return view;
        if (performance.now() > endMs) {
          throw new Error(`not in time; the run is ${view.state}, ${view.problem ?? 'without a problem'}`);
        }
      }
    },
    watch: () => watchEvents(`${url}/api/events`),
  };
}

async function watchEvents(address: string): Promise<EventWatch> {
  const closing = new AbortController();
  const response = await fetch(address, { signal: closing.signal });
  const messages: RunMessage[] = [];
  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name !== undefined) messages.push({ name, data: JSON.parse(data ?? '') } as RunMessage);
      }
    }
  }
  const reading = read().catch(() => undefined);
  return {
    messages,
    async until(isThere, msMax = waitMsMax) {
      for (const endMs = performance.now() + msMax; !isThere(messages); await sleep(20)) {
        if (performance.now() > endMs) throw new Error(`not in time; ${messages.length} events came`);
      }
    },
    close() {
      closing.abort();
      void reading;
    },
  };
}

/** With headers that fetch does not let one set. */
export function rawStatus(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
