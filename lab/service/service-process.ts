/** One process of the real service, which can be ended and started again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRuntime, repository } from '../bench/environment.ts';
import type { Guard } from './start-guard.ts';

export interface ServiceProcess {
  readonly url: string;
  isRunning(): boolean;
  pid(): number | null;
  /** Resolves when /readyz says 200, at once when it runs. @throws one sentence when it does not get ready */
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface ServiceProcessOptions {
  readonly runtime: 'bun' | 'node';
  readonly port: number;
  /** Its working folder, for its log too. */
  readonly folder: string;
  /** Such as `app`: of the files it writes there. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly guard: Guard;
}

const readyMsMax = 60_000;
const stopMsMax = 20_000;
const pollMs = 10;
/** A refusal is a sentence, and where to read on. */
const lastLines = 3;

export function createServiceProcess(options: ServiceProcessOptions): ServiceProcess {
  const { port, folder, name, guard } = options;
  const url = `http://127.0.0.1:${port}`;
  const errorsFile = join(folder, `${name}-errors.txt`);
  const logFile = join(folder, `${name}.log`);
  let running: { readonly child: ChildProcess; readonly exited: Promise<void> } | null = null;

  function launch(): void {
    const child = spawnService(options, logFile, errorsFile);
    const { pid } = child;
    if (pid !== undefined) guard.holds(`process ${pid}`);
    const exited = new Promise<void>((resolve) => {
      const over = () => {
        if (pid !== undefined) guard.dropped(`process ${pid}`);
        if (running?.child === child) running = null;
        resolve();
      };
      child.once('exit', over);
      child.once('error', over);
    });
    running = { child, exited };
  }

  async function start(): Promise<void> {
    if (running === null) launch();
    for (const endMs = performance.now() + readyMsMax; performance.now() < endMs; await sleep(pollMs)) {
      if (running === null) throw new Error(`the service did not start: ${lastWords(errorsFile, logFile)}`);
      if (await isReady(url)) return;
    }
    throw new Error(
      `the service was not ready after ${readyMsMax / 1_000} s: ${lastWords(errorsFile, logFile)}`,
    );
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (running === null) return;
    const { child, exited } = running;
    child.kill(signal);
    // One that is frozen gets the signal only then.
    child.kill('SIGCONT');
    const overdue = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    await exited;
    clearTimeout(overdue);
  }

  return {
    url,
    isRunning: () => running !== null,
    pid: () => running?.child.pid ?? null,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => {
      running?.child.kill('SIGSTOP');
    },
    thaw: () => {
      running?.child.kill('SIGCONT');
    },
  };
}

function spawnService(
  { runtime, port, folder, env }: ServiceProcessOptions,
  logFile: string,
  errorsFile: string,
): ChildProcess {
  const errors = openSync(errorsFile, 'w');
  const child = spawn(programOf(runtime), [...preloadOf(runtime), join(repository, 'src/cli/cli.ts')], {
    cwd: folder,
    env: { ...env, PORT: String(port), LOG_FILE: logFile },
    // A process group of its own: Ctrl-C is for the lab, which stops the service once it has read all that it needs.
    detached: true,
    stdio: ['ignore', 'ignore', errors],
  });
  closeSync(errors);
  return child;
}

/** @throws one sentence when this machine has none that is new enough */
export function programOf(runtime: 'bun' | 'node'): string {
  const program = findRuntime(runtime);
  if (program === null) throw new Error(`there is no ${runtime} here that is new enough for the service`);
  return program;
}

/** Its clock can be moved: see moved-clock.ts. */
function preloadOf(runtime: 'bun' | 'node'): readonly string[] {
  const clock = join(import.meta.dirname, 'moved-clock.ts');
  return runtime === 'bun' ? ['--no-env-file', '--preload', clock] : ['--import', clock];
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(1_000),
    });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** The last words of the service, which say why it could not go on. */
function lastWords(errorsFile: string, logFile: string): string {
  for (const file of [errorsFile, logFile]) {
    try {
      const last = readFileSync(file, 'utf8').trim().split('\n').slice(-lastLines).join(' ');
      if (last !== '') return last.slice(0, 500);
    } catch {
      // It has not come so far as to write it.
    }
  }
  return 'it said nothing';
}
