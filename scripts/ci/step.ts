/**
 * One step of CI: a command, how long it took, and what its tests reported.
 *
 * Always holds: a step whose command crashed, was killed, wrote no report, or ran no test has a failed result, and so has
 * a test file that is in no report.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJUnit, type TestResult } from './test-report.ts';

export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Temporary files are kept in memory where a machine has a file system for that, with room: no test waits for a disk.
   * Only for tests that another step runs on the disk.
   */
  readonly keepsFilesInMemory?: boolean;
  /** Whether the command runs tests and reports each; one that does not, such as a linter, counts as one test. */
  readonly reportsTests: boolean;
  /** A command that lasts longer is killed, and failed. */
  readonly secondsMax: number;
}

export interface StepResult {
  readonly name: string;
  readonly results: readonly TestResult[];
  readonly seconds: number;
  /** Of the processor, by the command and all processes that it waited for; null when it was killed. */
  readonly processorSeconds: number | null;
}

interface Ending {
  /** The exit code; null when the command was killed. */
  readonly code: number | null;
  readonly processorSeconds: number | null;
  readonly isTooLate: boolean;
}

/**
 * @param root the repository: where the command runs, and what files are told relative to
 * @param write takes the output of the command as it comes
 */
export async function runStep(step: Step, root: string, write: (text: string) => void): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-reports-'));
  const inMemory = step.keepsFilesInMemory === true ? makeMemoryFolder() : null;
  const removeFolders = () => {
    for (const each of [folder, ...(inMemory === null ? [] : [inMemory])]) {
      rmSync(each, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  };
  process.once('exit', removeFolders);
  const startedAtMs = performance.now();
  try {
    const env = { ...step.env, JUNIT_FOLDER: folder, ...(inMemory === null ? {} : { TMPDIR: inMemory }) };
    const ending = await runCommand({ ...step, env }, root, write);
    const results = step.reportsTests ? reported(folder, root, ending) : [];
    const failure = failureOf(step, ending, results);
    const own = { name: step.name, file: null, detail: null };
    if (failure !== null) results.push({ ...own, outcome: 'failed', detail: failure });
    else if (!step.reportsTests) results.push({ ...own, outcome: 'passed' });
    const seconds = (performance.now() - startedAtMs) / 1_000;
    return { name: step.name, results, seconds, processorSeconds: ending.processorSeconds };
  } finally {
    process.off('exit', removeFolders);
    removeFolders();
  }
}

const memoryFileSystem = '/dev/shm';
/** Ten times what the tests were seen to keep at a time. Containers have 64 MiB unless told. */
export const memoryBytesMin = 4 * 2 ** 30;

/** @returns null where files can't be kept in memory */
function makeMemoryFolder(): string | null {
  try {
    const { bavail, bsize } = statfsSync(memoryFileSystem);
    if (bavail * bsize < memoryBytesMin) return null;
    const folder = mkdtempSync(join(memoryFileSystem, 'nozama-tests-'));
    // PostgreSQL has files in there, and runs as another user.
    chmodSync(folder, 0o755);
    return folder;
  } catch {
    return null;
  }
}

/** The shell tells the processor time of the commands that it has waited for; Node has no call for that. */
const timed = '"$@" 3>&-; code=$?; times >&3; exit "$code"';

function runCommand(
  { command, env, secondsMax }: Step,
  root: string,
  write: (text: string) => void,
): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', timed, 'sh', ...command], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const killGroup = () => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // All of it has ended.
      }
    };
    process.once('exit', killGroup);
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      killGroup();
    }, secondsMax * 1_000);
    let times = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      times += chunk.toString();
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => write(text));
    }
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', killGroup);
      resolve({ code, processorSeconds: processorSecondsOf(times), isTooLate });
    });
  });
}

/** `times` prints a line for the shell and one for its children: `0m1.25s 0m0.5s`, in user mode and in the kernel. */
function processorSecondsOf(times: string): number | null {
  const children = times.trim().split('\n')[1];
  if (children === undefined) return null;
  let seconds = 0;
  for (const [, minutes, rest] of children.matchAll(/(\d+)m([\d.,]+)s/g)) {
    seconds += Number(minutes) * 60 + Number(rest?.replace(',', '.'));
  }
  return seconds;
}

function reported(folder: string, root: string, { code }: Ending): TestResult[] {
  const names = readdirSync(folder).sort();
  const results: TestResult[] = [];
  const failed = (name: string, file: string | null, detail: string) =>
    results.push({ name, file, outcome: 'failed', detail });
  for (const name of names.filter((one) => one.endsWith('.xml'))) {
    try {
      results.push(...readJUnit(readFileSync(join(folder, name), 'utf8'), root));
    } catch (error) {
      failed(name, null, `The report cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }
  for (const { name, file } of results.filter(isSkippedWithoutReason)) {
    failed(name, file, 'is skipped without a reason');
  }
  const inReports = new Set(results.map(({ file }) => file));
  for (const name of names.filter((one) => one.endsWith('.files'))) {
    for (const file of readFileSync(join(folder, name), 'utf8').trim().split('\n')) {
      if (!inReports.has(file)) failed(file, file, missingFrom(code));
    }
  }
  return results;
}

function isSkippedWithoutReason({ outcome, detail }: TestResult): boolean {
  return outcome === 'skipped' && detail === null;
}

function missingFrom(code: number | null): string {
  return code === 0
    ? 'The file has no test.'
    : 'No report names the file: it did not load, has no test, or the runner crashed before it.';
}

/** What went wrong with the step itself; null when nothing did, or a failed result says it already. */
function failureOf(step: Step, { code, isTooLate }: Ending, results: readonly TestResult[]): string | null {
  if (isTooLate) return `did not end within ${step.secondsMax} s, and was killed`;
  if (code === null) return 'was killed';
  if (code !== 0 && !step.reportsTests) return `ended with code ${code}`;
  if (!step.reportsTests || results.some(({ outcome }) => outcome === 'failed')) return null;
  if (code !== 0) return `ended with code ${code}, though its reports name no failed test`;
  return results.some(({ outcome }) => outcome === 'passed') ? null : 'ran no test';
}
