/** The servers that are held against each other, each started afresh for every run. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { benchStock } from '../engine/engine-under-test.ts';
import type { RuntimeName } from './bench-options.ts';
import { startProcess } from './child-process.ts';
import { findRuntime, repository } from './environment.ts';

export interface RunningSide {
  readonly url: string;
  readonly pid: number;
  /** From starting the process to the first 200 of /readyz. */
  readonly readyAfterMs: number;
  /** What /readyz tells of the engine's settings, as read back from it. */
  readonly durability: unknown;
  /** @throws when the process had died, or does not end well */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** For its database and log. */
  readonly folder: string;
  /** A database that holds orders, to be opened in place; null for a new one. */
  readonly databaseFile: string | null;
  /** Answers recorded from the real service, for the ceiling. */
  readonly answersFile: string | null;
  readonly pageBytes: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Side {
  readonly name: 'ceiling' | 'textbook' | 'nozama';
  readonly runtime: RuntimeName;
  /** Its database within a run's folder; null when it stores nothing. */
  readonly databaseName: string | null;
  start(options: StartOptions): Promise<RunningSide>;
}

export function ceilingSide(runtime: RuntimeName): Side {
  return {
    name: 'ceiling',
    runtime,
    databaseName: null,
    start: ({ folder, answersFile }) =>
      startServer(runtime, 'lab/baselines/http-ceiling/http-ceiling.ts', folder, (port) => ({
        PORT: String(port),
        ...(answersFile === null ? {} : { ANSWERS_FILE: answersFile }),
      })),
  };
}

export function textbookSide(runtime: RuntimeName): Side {
  return {
    name: 'textbook',
    runtime,
    databaseName: 'textbook.db',
    start: ({ folder, databaseFile, pageBytes }) =>
      startServer(runtime, 'lab/baselines/textbook/textbook.ts', folder, (port) => ({
        PORT: String(port),
        DATABASE_FILE: databaseFile ?? join(folder, 'textbook.db'),
        STOCK: String(benchStock),
        PAGE_BYTES: String(pageBytes),
        NODE_ENV: 'production',
      })),
  };
}

export function nozamaSide(runtime: RuntimeName): Side {
  return {
    name: 'nozama',
    runtime,
    databaseName: 'nozama.db',
    start: ({ folder, databaseFile, env }) =>
      startServer(runtime, 'src/main.ts', folder, (port) => ({
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: `sqlite:${databaseFile ?? join(folder, 'nozama.db')}`,
        LOG_FILE: join(folder, 'app.log'),
        LOG_LEVEL: 'info',
        DEMO_STOCK: String(benchStock),
        ...env,
      })),
  };
}

const readyTimeoutMs = 60_000;
const pollMs = 5;

async function startServer(
  runtime: RuntimeName,
  script: string,
  folder: string,
  envFor: (port: number) => Record<string, string>,
): Promise<RunningSide> {
  const program = findRuntime(runtime);
  if (program === null) throw new Error(`there is no ${runtime} here that is new enough`);
  const port = await findFreePort();
  const startedAtMs = performance.now();
  const server = startProcess({ program, args: [join(repository, script)], cwd: folder, env: envFor(port) });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    if (ready?.ok === true) {
      const readyAfterMs = Math.round(performance.now() - startedAtMs);
      const durability = durabilityOf(await ready.text());
      return { url, pid: server.pid, readyAfterMs, durability, stop };
    }
    if (server.hasExited() || performance.now() - startedAtMs > readyTimeoutMs) {
      await server.stop();
      throw new Error(`${script} on ${runtime} did not get ready: ${server.outputTail()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  async function stop(): Promise<void> {
    const died = server.hasExited();
    const code = await server.stop();
    if (died || (code !== 0 && !script.includes('http-ceiling'))) {
      throw new Error(`${script} ${died ? 'died' : 'did not end well'} (${code}): ${server.outputTail()}`);
    }
  }
}

function durabilityOf(readyBody: string): unknown {
  try {
    return (JSON.parse(readyBody) as { durability?: unknown }).durability ?? null;
  } catch {
    return null;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
