/**
 * The real service as a child process, for tests: on a free port, in a folder of its own, on either runtime.
 *
 * RUNTIME=bun|node picks the runtime, the one the test runs on unless told; EXECUTABLE=dist/nozama runs that
 * file instead. Use it with `await using`, so
 * that it ends with the test; a test process that dies takes its services with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assertDeclared } from './declared-answers.ts';

export type RuntimeName = 'bun' | 'node';

export interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly runtime?: RuntimeName;
  /** A folder of an earlier service, to start again on its data; then it is not removed. */
  readonly dir?: string;
  /** How long the start may take, in milliseconds. */
  readonly startMs?: number;
  /** The one executable, instead of the source and a runtime. */
  readonly executable?: string | undefined;
  /** Where the program is, when it is another than this repository's: an older or a newer one. */
  readonly program?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type EndedProgram = Exit & {
  /** Standard output and error. */
  readonly output: string;
  readonly stdout: string;
};

export interface RunningService extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where its database and logs are: `data/nozama.db`, `logs/app.log`. */
  readonly dir: string;
  readonly exited: Promise<Exit>;
  /** Everything it has written to its standard output and error so far. */
  logs(): string;
  /** Each answer of these three is compared with the declaration of its endpoint. */
  fetch(path: string, init: RequestInit & { readonly method: string }): Promise<Response>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Sends `body` as JSON, or as it is when it is a string. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<Exit>;
}

/** It ended, or was not open in time. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError';
  readonly exit: Exit | null;
  readonly output: string;
  constructor(exit: Exit | null, output: string) {
    super(exit === null ? `not open in time:\n${output}` : `ended with code ${exit.code}:\n${output}`);
    this.exit = exit;
    this.output = output;
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function runtimeUnderTest(): RuntimeName {
  const asked = process.env['RUNTIME'];
  if (asked === 'bun' || asked === 'node') return asked;
  return process.versions['bun'] === undefined ? 'node' : 'bun';
}

/** The program and its first arguments that run a TypeScript file on a runtime. */
export function runtimeCommand(runtime: RuntimeName): readonly string[] {
  const isCurrent = (runtime === 'bun') === (process.versions['bun'] !== undefined);
  if (runtime === 'bun') {
    // Bun would read .env by itself, expanding $ in it; the service reads it the same way on both.
    return [isCurrent ? process.execPath : join(root, 'node_modules/.bin/bun'), '--no-env-file'];
  }
  if (isCurrent) return [process.execPath];
  const pinned = join(root, 'node_modules/node/bin/node');
  return [process.env['NODE_BINARY'] ?? (existsSync(pinned) ? pinned : 'node')];
}

const cliTimeoutMs = 40_000;
const openedAt = /Nozama is open at http:\/\/[^\s":]+:(\d+)/;

/**
 * Runs the command line to its end, in a folder. A command that opens a service although it should have refused would never end,
 * so it is killed.
 */
export async function runCli(
  args: readonly string[],
  options: ServiceOptions & { readonly dir: string },
): Promise<EndedProgram> {
  const { child, kill, exited, output, stdout } = spawnCommand(args, options);
  child.stdout?.on('data', () => {
    if (openedAt.test(output())) kill('SIGKILL');
  });
  const timer = setTimeout(() => kill('SIGKILL'), cliTimeoutMs);
  const exit = await exited.finally(() => clearTimeout(timer));
  return { ...exit, output: output(), stdout: stdout() };
}

export interface SpawnedCommand {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
  output(): string;
  stdout(): string;
}

/** Runs the command line in a folder; the caller sees to its end. */
export function spawnCli(
  args: readonly string[],
  options: ServiceOptions & { readonly dir: string },
): SpawnedCommand {
  return spawnCommand(args, options);
}

function spawnCommand(
  args: readonly string[],
  { dir, env = {}, ...options }: ServiceOptions & { readonly dir: string },
): SpawnedCommand & { readonly child: ChildProcess } {
  const child = spawnProgram([...programCommand(options), ...args], dir, env);
  const output = collectOutput(child);
  const stdout = collectFrom(child.stdout);
  const pid = child.pid ?? 0;
  return { child, pid, kill: (signal) => void child.kill(signal), exited: exitOf(child), output, stdout };
}

/** @throws ServiceStartError with everything it wrote */
export async function startService(options: ServiceOptions = {}): Promise<RunningService> {
  const { env = {}, startMs = 10_000 } = options;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'nozama-service-'));
  const child = spawnProgram(programCommand(options), dir, { PORT: '0', ...env });
  const logs = collectOutput(child);
  const exited = exitOf(child);
  const port = await portOf(child, logs, exited, startMs).catch((error: unknown) => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return {
    url,
    port,
    pid: child.pid ?? 0,
    dir,
    exited,
    logs,
    fetch: (path, init) => fetchDeclared(`${url}${path}`, init),
    get: (path, headers = {}) => fetchDeclared(`${url}${path}`, { method: 'GET', headers }),
    post: (path, body, headers = {}) =>
      fetchDeclared(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    kill: (signal) => {
      child.kill(signal);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Holds the answer against the declaration of its endpoint. */
async function fetchDeclared(
  url: string,
  init: RequestInit & { readonly method: string },
): Promise<Response> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const { status, headers } = response;
  assertDeclared(init.method, url, { status, headers, text: await response.clone().text() });
  return response;
}

/** What runs `nozama`, before its arguments. */
function programCommand({
  runtime = runtimeUnderTest(),
  program = root,
  executable = process.env['EXECUTABLE'],
}: ServiceOptions): readonly string[] {
  if (executable !== undefined && program === root) return [resolve(executable)];
  return [...runtimeCommand(runtime), join(program, 'src/cli/cli.ts')];
}

function spawnProgram(
  [file = '', ...args]: readonly string[],
  dir: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  const child = spawn(file, args, {
    cwd: dir,
    env: { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function collectOutput(child: ChildProcess): () => string {
  return collectFrom(child.stdout, child.stderr);
}

/** What comes from all of them, in the order in which it comes. */
function collectFrom(...streams: readonly (Readable | null)[]): () => string {
  let output = '';
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return () => output;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'exit': its last output may still be on its way.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

async function portOf(
  child: ChildProcess,
  logs: () => string,
  exited: Promise<Exit>,
  startMs: number,
): Promise<number> {
  let exit: Exit | null = null;
  exited.then(
    (ended) => {
      exit = ended;
    },
    () => undefined,
  );
  const deadline = Date.now() + startMs;
  while (exit === null && Date.now() < deadline) {
    const port = openedAt.exec(logs())?.[1];
    if (port !== undefined) return Number(port);
    await sleep(10);
  }
  child.kill('SIGKILL');
  throw new ServiceStartError(exit, logs());
}
