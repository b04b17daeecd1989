/** The servers that are compared with each other, each started afresh for every run. */

import { join, resolve } from 'node:path';
import { benchStock } from '../engine/engine-under-test.ts';
import { findFreePort } from '../service/free-port.ts';
import type { RuntimeName, SideName } from './bench-options.ts';
import { startProcess } from './child-process.ts';
import { findRuntime, repository } from './environment.ts';

export interface RunningSide {
  /** One for each instance. */
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  /** From starting the process to the first 200 of /readyz; of the slowest instance. */
  readonly readyAfterMs: number;
  /** The engine's settings, as /readyz reads them back. */
  readonly durability: unknown;
  /** @throws when the process had died, or does not end well */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** For its log. */
  readonly folder: string;
  /** As DATABASE_URL has it. */
  readonly databaseUrl: string;
  /** Answers recorded from the real service, for the ceiling. */
  readonly answersFile: string | null;
  readonly pageBytes: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Side {
  readonly name: Extract<SideName, 'ceiling' | 'textbook' | 'nozama'>;
  readonly runtime: RuntimeName;
  start(options: StartOptions): Promise<RunningSide>;
}

export function ceilingSide(runtime: RuntimeName): Side {
  return {
    name: 'ceiling',
    runtime,
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
    start: ({ folder, databaseUrl, pageBytes }) =>
      startServer(runtime, 'lab/baselines/textbook/textbook.ts', folder, (port) => ({
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        STOCK: String(benchStock),
        PAGE_BYTES: String(pageBytes),
        NODE_ENV: 'production',
      })),
  };
}

/**
 * @param instances services on one database
 * @param program where the service's source is, when it is another version of it
 */
export function nozamaSide(runtime: RuntimeName, instances = 1, program = repository): Side {
  const start = ({ folder, databaseUrl, env }: StartOptions, nth: number) =>
    startServer(runtime, join(program, 'src/cli/cli.ts'), folder, (port) => ({
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      LOG_FILE: join(folder, nth === 0 ? 'app.log' : `app-${nth}.log`),
      LOG_LEVEL: 'info',
      DEMO_STOCK: String(benchStock),
      ...env,
    }));
  return {
    name: 'nozama',
    runtime,
    async start(options) {
      // One after the other, so that a failure leaves no process behind.
      const running: RunningSide[] = [];
      const stop = async () => {
        const ended = await Promise.allSettled(running.map((one) => one.stop()));
        for (const one of ended) if (one.status === 'rejected') throw one.reason;
      };
      try {
        for (let nth = 0; nth < instances; nth += 1) running.push(await start(options, nth));
      } catch (error) {
        await stop().catch(() => {});
        throw error;
      }
      return {
        urls: running.flatMap(({ urls }) => urls),
        pids: running.flatMap(({ pids }) => pids),
        readyAfterMs: Math.max(...running.map(({ readyAfterMs }) => readyAfterMs)),
        durability: running[0]?.durability ?? null,
        stop,
      };
    },
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
  const server = startProcess({
    program,
    args: [resolve(repository, script)],
    cwd: folder,
    env: envFor(port),
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    if (ready?.ok === true) {
      const readyAfterMs = Math.round(performance.now() - startedAtMs);
      const durability = durabilityOf(await ready.text());
      return { urls: [url], pids: [server.pid], readyAfterMs, durability, stop };
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
