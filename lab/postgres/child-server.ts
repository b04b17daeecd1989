/**
 * A server program that is a child of this process, with a folder of its own. It ends with this process, and
 * does not keep this process from ending. As root it runs as an unprivileged user, since PostgreSQL and
 * PgBouncer refuse root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildServer {
  readonly pid: number;
  /** False once it has ended, by itself too. */
  readonly isRunning: boolean;
  /** Resolves when it has ended. If it takes longer than 30 s, it is killed. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface ChildServerOptions {
  /** Such as `PostgreSQL`, for messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Of {@link makeServerFolder}. */
  readonly folder: string;
  readonly startMsMax: number;
  /** Whether the server takes connections. */
  readonly answers: () => Promise<boolean>;
  /** Ends the server should this process be killed. Ctrl-C at a terminal does not reach it then. */
  readonly guard?: { started(pid: number): void; ended(pid: number): void } | undefined;
}

/** `nobody`, where Debian and most others have it; null when this process has no right to become another user. */
export const serverUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;

const endMsMax = 30_000;
const outputKeptMax = 20_000;

const children = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that every user can pass through. It is removed when this process ends. */
export function makeServerFolder(prefix: string, within = tmpdir()): string {
  const folder = mkdtempSync(join(within, prefix));
  chmodSync(folder, 0o755);
  folders.add(folder);
  return folder;
}

export function removeServerFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** @throws Error with the last output of the server when it ends, or does not answer in time */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const { name, program, args, folder, guard } = options;
  const child = spawn(program, args, {
    ...serverUser,
    cwd: folder,
    detached: guard !== undefined,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  const { pid } = child;
  if (pid !== undefined) {
    guard?.started(pid);
    child.once('exit', () => guard?.ended(pid));
  }
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-outputKeptMax);
  });
  child.unref();
  (child.stderr as Socket).unref();

  const deadline = Date.now() + options.startMsMax;
  while (!(await options.answers())) {
    if (hasEnded(child) || Date.now() > deadline) {
      await end(child, 'SIGKILL');
      throw new Error(`${name} did not start:\n${output}`);
    }
    await sleep(20);
  }
  return {
    pid: pid ?? 0,
    get isRunning() {
      return !hasEnded(child);
    },
    end: (signal) => end(child, signal),
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.kill(signal);
  const overdue = setTimeout(() => child.kill('SIGKILL'), endMsMax);
  await ended;
  clearTimeout(overdue);
}
