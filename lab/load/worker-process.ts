/** The process of a worker: started, commanded and listened to here. A silent worker is ended. */
import { spawn } from 'node:child_process';
import { readLines } from './json-lines.ts';
import type { WorkerCommand, WorkerReport } from './worker-messages.ts';

/** It tells something four times a second. */
const silentMsMax = 30_000;
const errorCharactersMax = 1_000;
const program = new URL('./worker.ts', import.meta.url).pathname;

export interface WorkerProcess {
  readonly pid: number | undefined;
  tell(command: WorkerCommand): void;
  kill(): void;
  /** Tells it no more, which ends it, as when this process is gone. */
  release(): void;
  /** Both reject with one sentence when the worker has a problem or ends too early. */
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
}

export function startWorker(number: number, hear: (report: WorkerReport) => void): WorkerProcess {
  // Bun would otherwise read a .env file of the folder it is started in.
  const flags = process.versions['bun'] === undefined ? [] : ['--no-env-file'];
  const child = spawn(process.execPath, [...flags, program], { stdio: 'pipe' });
  const name = `load worker ${number + 1}`;
  let errors = '';
  let isDone = false;
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  ended.promise.catch(() => {});

  function fail(message: string): void {
    const error = new Error(message);
    ready.reject(error);
    ended.reject(error);
    child.kill('SIGKILL');
  }

  const silence = setTimeout(
    () =>
      fail(
        `${name} has told nothing for ${silentMsMax / 1_000} s; is there an endless loop in the scenario?`,
      ),
    silentMsMax,
  );
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-errorCharactersMax);
  });
  // The end of the process is reported below; a write to a process that has just ended is no fault.
  child.stdin.on('error', () => {});
  child.on('error', (error) => fail(`${name} could not be started: ${error.message}`));
  function takeLine(line: string): void {
    silence.refresh();
    const report = reportOf(line);
    if (report === null) {
      process.stderr.write(`${name}: ${line}\n`);
      return;
    }
    if (report.is === 'problem') fail(report.message);
    if (report.is === 'done') isDone = true;
    if (report.is === 'ready') ready.resolve();
    hear(report);
  }
  readLines(child.stdout, takeLine, (sentence) => fail(`${name}: ${sentence}`));
  child.on('close', (code, signal) => {
    clearTimeout(silence);
    if (isDone) {
      ended.resolve();
      return;
    }
    const about = errors.trim() === '' ? '' : `: ${errors.trim()}`;
    fail(`${name} ended (${signal ?? `exit code ${code}`}) before its run was over${about}`);
  });

  return {
    pid: child.pid,
    tell(command) {
      if (child.stdin.writable) child.stdin.write(`${JSON.stringify(command)}\n`);
    },
    kill() {
      child.kill('SIGKILL');
    },
    release() {
      child.stdin.end();
    },
    ready: ready.promise,
    ended: ended.promise,
  };
}

/** Null for text that a scenario prints for its author. */
function reportOf(line: string): WorkerReport | null {
  if (!line.startsWith('{"is":')) return null;
  try {
    return JSON.parse(line) as WorkerReport;
  } catch {
    return null;
  }
}
