/**
 * Builds the one executable: the command line, the pages and the migrations, with the Bun that runs them.
 *
 *     make dist                          for every platform, into dist/
 *     make dist PLATFORMS=linux-x64      for some; DIST=… names another folder
 *
 * The same commit gives the same bytes in any folder at any time: nothing of the machine gets in.
 * `dist/nozama` is the one for this machine. Bun for other platforms comes from npm, pinned (runtimes/bun).
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Build } from '../src/program/build.ts';

interface Platform {
  /** As Bun calls it. */
  readonly target: Bun.Build.CompileTarget;
  /** The npm package that holds Bun for it, and where in there. */
  readonly bun: string;
  readonly file: string;
}

const platforms: Readonly<Record<string, Platform>> = {
  'linux-x64': { target: 'bun-linux-x64', bun: 'bun-linux-x64/bin/bun', file: 'nozama-linux-x64' },
  'linux-arm64': { target: 'bun-linux-arm64', bun: 'bun-linux-aarch64/bin/bun', file: 'nozama-linux-arm64' },
  'macos-x64': { target: 'bun-darwin-x64', bun: 'bun-darwin-x64/bin/bun', file: 'nozama-macos-x64' },
  'macos-arm64': {
    target: 'bun-darwin-arm64',
    bun: 'bun-darwin-aarch64/bin/bun',
    file: 'nozama-macos-arm64',
  },
  'windows-x64': {
    target: 'bun-windows-x64',
    bun: 'bun-windows-x64/bin/bun.exe',
    file: 'nozama-windows-x64.exe',
  },
};

const repository = join(import.meta.dirname, '..');
const source = join(repository, 'src');
const dist = resolve(process.env['DIST'] || join(repository, 'dist'));

/** The module of each thread is an entry of its own in the executable. */
const entries = [
  'src/cli/cli.ts',
  'src/storage/sqlite/writer-thread.ts',
  'src/storage/sqlite/checkpoint-thread.ts',
  'src/lake-writer/lake-thread.ts',
];

/** A file that the program reads while it runs. */
function isProgramFile(path: string): boolean {
  return /\.(css|js|sql|svg)$/.test(path) && !path.endsWith('.test.js');
}

/** The commit of the source. COMMIT and COMMIT_DATE name it where there is no repository, as in the build of an image. */
function describeBuild(): Build {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim();
  const commit = process.env['COMMIT'] || git('rev-parse', 'HEAD');
  const date = process.env['COMMIT_DATE'] || git('log', '-1', '--format=%cI', commit);
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error('COMMIT must be 40 hexadecimal digits.');
  if (Number.isNaN(Date.parse(date)))
    throw new Error('COMMIT_DATE must be a time such as 2026-01-31T12:00:00Z.');
  const isChanged = !process.env['COMMIT'] && git('status', '--porcelain') !== '';
  return {
    version: isChanged ? `${version}-modified` : version,
    commit,
    date: new Date(date).toISOString().replace('.000Z', 'Z'),
  };
}

/** Copies them into a folder of their own, so that no other file of `src` is embedded. */
function gatherProgramFiles(into: string): void {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(isProgramFile);
  for (const file of files.sort()) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    cpSync(join(source, file), join(into, file));
  }
}

/** Bun for this machine is installed already, as the service's runtime: npm's `bun` has moved it to where it runs. */
function findBun(file: string): string {
  const bundled = join(repository, 'runtimes/bun/node_modules/@oven', file);
  const isOwn = existsSync(join(repository, 'node_modules/@oven', dirname(dirname(file))));
  return isOwn && !existsSync(bundled) ? process.execPath : bundled;
}

async function build({ target, bun, file }: Platform, assets: string, description: Build): Promise<void> {
  const executable = findBun(bun);
  const outcome = await Bun.build({
    entrypoints: entries.map((entry) => join(repository, entry)),
    root: repository,
    target: 'bun',
    // So that each thread and each command loads the modules that it needs, and no others.
    splitting: true,
    // Never imported on Bun. What it imports would be loaded with the executable: HTTP/1 and HTTP/2 of Node.
    external: [join(source, 'runtime/node.ts')],
    define: {
      NOZAMA_BUILD: JSON.stringify(description),
      // Some packages read them for parts that the service does not use. They would be folders of this machine.
      __dirname: '"/"',
      __filename: '"/nozama"',
    },
    compile: {
      target,
      executablePath: executable,
      outfile: join(dist, file),
      assets: [assets],
      // The service reads .env itself, and no other file beside it.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  if (!outcome.success) throw new AggregateError(outcome.logs, `${file} can't be built`);
}

/** The median time of a new shop from the start of its process to the first answer that it is ready, in ms. */
async function measureStart(executable: string, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'nozama-start-'));
    const begunAt = performance.now();
    const child = spawn(executable, ['serve'], {
      cwd: folder,
      env: { PORT: '0', LOG_FILE: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      times.push((await isReady(child.stdout)) - begunAt);
    } finally {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

/** @returns when, on the clock of performance.now() */
async function isReady(log: Readable): Promise<number> {
  let text = '';
  for await (const chunk of log) {
    text += chunk;
    const url = /"url":"(http:[^"]+)"/.exec(text)?.[1];
    if (url === undefined) continue;
    while (!(await fetch(`${url}/readyz`)).ok) await sleep(1);
    return performance.now();
  }
  throw new Error(`the executable did not start: ${text}`);
}

const asked = (process.env['PLATFORMS'] || Object.keys(platforms).join(' ')).split(/[\s,]+/);
const unknown = asked.filter((name) => !Object.hasOwn(platforms, name));
if (unknown.length > 0) {
  process.stderr.write(
    `PLATFORMS has ${unknown.join(', ')}, and may have ${Object.keys(platforms).join(', ')}.\n`,
  );
  process.exit(2);
}
const description = describeBuild();
const staging = mkdtempSync(join(tmpdir(), 'nozama-dist-'));
try {
  gatherProgramFiles(join(staging, 'src'));
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  const sums: string[] = [];
  for (const name of asked) {
    const chosen = platforms[name];
    if (chosen === undefined) continue;
    await build(chosen, join(staging, 'src'), description);
    const bytes = readFileSync(join(dist, chosen.file));
    sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${chosen.file}\n`);
    const [size, packed] = [bytes.length, gzipSync(bytes).length].map((n) =>
      (n / 1e6).toFixed(1).padStart(6),
    );
    process.stdout.write(`${chosen.file.padEnd(24)} ${size} MB, ${packed} with gzip\n`);
  }
  writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
  const own = platforms[`${platform() === 'darwin' ? 'macos' : platform()}-${arch()}`];
  const ownFile = own && join(dist, own.file);
  if (ownFile !== undefined && existsSync(ownFile)) {
    linkSync(ownFile, join(dist, 'nozama'));
    const ms = await measureStart(join(dist, 'nozama'), 5);
    process.stdout.write(
      `dist/nozama is ready ${ms.toFixed(0)} ms after its start, with a new shop (median of 5)\n`,
    );
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}
