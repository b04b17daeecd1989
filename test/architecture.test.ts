/** Holds the house's rules: which rooms import which, where the runtime is named, how long files and functions are, and how files are named. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { engines } from '../src/storage/engines.ts';

const root = resolve(import.meta.dirname, '..');
const sourceLinesMax = 350;
const functionLinesMax = 70;

const ports = [
  'src/storage/access-store.ts',
  'src/storage/audit-log.ts',
  'src/storage/order-store.ts',
  'src/storage/verify-checks.ts',
  'src/storage/shop-transfer.ts',
  'src/storage/backup-copy.ts',
  'src/storage/shop-log.ts',
];

/** What engines on a server share: it knows no engine. */
const serverRoom = 'src/storage/server';
const serverMayImport = [
  'src/config/setting.ts',
  'src/domain',
  'src/program',
  'src/storage/engine.ts',
  ...ports,
];

/** Every other folder is an engine. Each may import the same, and none another. */
const engineFolders = readdirSync(join(root, 'src/storage'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `src/storage/${name}`)
  .filter((folder) => folder !== serverRoom);
const engineMayImport = [
  ...serverMayImport,
  serverRoom,
  'src/storage/catalog-shortcuts.ts',
  'src/storage/catalog-audit.ts',
  'src/storage/step-audit.ts',
];

/** Every name of an engine, for a regular expression. */
const engineNames = [...new Set(engines.flatMap(({ name, schemes }) => [name, ...schemes]))].join('|');

/** Room → the rooms it may import from, besides itself. A room is the longest prefix that matches. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/domain': [],
  'src/program': [],
  'src/storage/verify-checks.ts': [],
  'src/access': ['src/domain/grant.ts', 'src/storage/access-store.ts'],
  'src/storage/access-store.ts': ['src/storage/audit-log.ts'],
  'src/storage/audit-log.ts': [],
  'src/storage/order-store.ts': [
    'src/domain',
    'src/storage/access-store.ts',
    'src/storage/audit-log.ts',
    'src/storage/verify-checks.ts',
  ],
  'src/storage/catalog-shortcuts.ts': ['src/domain', 'src/storage/order-store.ts'],
  'src/storage/catalog-audit.ts': ['src/domain', 'src/storage/audit-log.ts'],
  'src/storage/step-audit.ts': ['src/domain', 'src/storage/audit-log.ts'],
  'src/storage/shop-transfer.ts': [
    'src/domain',
    'src/program',
    'src/storage/access-store.ts',
    'src/storage/audit-log.ts',
    'src/storage/order-store.ts',
    'src/storage/shop-log.ts',
    'src/storage/verify-checks.ts',
  ],
  'src/storage/backup-copy.ts': ['src/program'],
  'src/storage/shop-log.ts': ['src/domain'],
  'src/storage/engine.ts': ['src/config/setting.ts', 'src/program', ...ports],
  'src/storage/copy-shop.ts': [
    'src/storage/order-store.ts',
    'src/storage/shop-transfer.ts',
    'src/storage/verify-checks.ts',
  ],
  [serverRoom]: serverMayImport,
  ...Object.fromEntries(engineFolders.map((folder) => [folder, engineMayImport])),
  'src/storage/engines.ts': [
    'src/config/setting.ts',
    'src/storage/engine.ts',
    'src/storage/postgres/postgres-engine.ts',
    'src/storage/sqlite/sqlite-engine.ts',
  ],
  'src/intake/batch-trace.ts': [],
  'src/intake': ['src/domain', 'src/intake/batch-trace.ts', 'src/storage/order-store.ts'],
  'src/objects/object-store-variables.ts': ['src/config/setting.ts'],
  'src/objects': ['src/program'],
  'src/backup': [
    'src/objects',
    'src/program',
    'src/storage/engine.ts',
    'src/storage/verify-checks.ts',
    'src/storage/backup-copy.ts',
  ],
  'src/events/tables': ['src/domain', 'src/program', 'src/storage/shop-log.ts'],
  'src/events/parquet': ['src/events/tables'],
  'src/events': ['src/events/tables', 'src/storage/shop-log.ts'],
  'src/events/lake': [
    'src/events/table-sink.ts',
    'src/events/tables',
    'src/events/parquet',
    'src/objects',
    'src/program',
    'src/storage/shop-log.ts',
  ],
  'src/events/bigquery': [
    'src/events/table-sink.ts',
    'src/events/tables',
    'src/events/parquet',
    'src/objects',
    'src/program',
    'src/storage/shop-log.ts',
  ],
  'src/bulk': [
    'src/domain',
    'src/program/duplicate-names.ts',
    'src/program/operator-error.ts',
    'src/storage/audit-log.ts',
    'src/storage/order-store.ts',
  ],
  'src/program/duplicate-names.ts': [],
  'src/catalog': ['src/domain', 'src/storage/order-store.ts'],
  'src/runtime': ['src/program/operator-error.ts'],
  'src/observability': [
    'src/domain',
    'src/intake/batch-trace.ts',
    'src/program',
    'src/storage/order-store.ts',
  ],
  'src/web': ['src/domain', 'src/program', 'src/storage/order-store.ts'],
  'src/http': [
    'src/access',
    'src/bulk',
    'src/domain',
    'src/intake',
    'src/storage/access-store.ts',
    'src/storage/audit-log.ts',
    'src/storage/order-store.ts',
    'src/web',
    'src/program',
    'src/runtime',
    'src/observability',
  ],
  'src/config/setting.ts': [],
  'src/config': [
    'src/events/bigquery/dataset-address.ts',
    'src/objects/object-store-variables.ts',
    'src/observability',
    'src/program/edits-between.ts',
    'src/storage/engines.ts',
  ],
  'src/cli': ['src'],
  'src/start-service.ts': ['src'],
  'src/lake-writer': ['src'],
};

const files = ['src', 'test', 'lab', 'scripts']
  .flatMap((folder) => walk(join(root, folder)))
  .map((file) => relative(root, file));
const sources = files.filter(
  (file) => file.startsWith('src/') && file.endsWith('.ts') && !file.endsWith('.test.ts'),
);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(path);
    return [path];
  });
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g), (match) => match[1] ?? '');
}

/** The files of ours that it imports. */
function targetsOf(file: string): string[] {
  return imports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file), name)));
}

function roomOf(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

interface FunctionLines {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** Functions with more lines than `linesMax`. The tests within the callback of a `describe` are not its own lines. */
function functionsOver(linesMax: number): readonly { readonly file: string; readonly lines: string }[] {
  const all = listFunctions();
  return all
    .filter(({ first, last }) => last - first >= linesMax)
    .filter((long) => ownLines(long, all) > linesMax)
    .map(({ file, first, last }) => ({ file, lines: `${first} to ${last}` }));
}

function ownLines(one: FunctionLines, all: readonly FunctionLines[]): number {
  const { file, first, last } = one;
  const opening = readFileSync(join(root, file), 'utf8').split('\n')[first - 1] ?? '';
  const own = new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index));
  if (/\bdescribe\w*\(/.test(opening)) {
    const inner = all.filter(
      (other) => other.file === file && other !== one && other.first >= first && other.last <= last,
    );
    for (const { first: from, last: to } of inner)
      for (let line = from; line <= to; line += 1) own.delete(line);
  }
  return own.size;
}

/** All functions of more than one line, in sources and tests, as Biome's parser finds them. */
function listFunctions(): readonly FunctionLines[] {
  const config = mkdtempSync(join(tmpdir(), 'nozama-function-lines-'));
  try {
    const rule = { level: 'error', options: { maxLines: 1 } };
    const rules = { preset: 'none', complexity: { noExcessiveLinesPerFunction: rule } };
    writeFileSync(join(config, 'biome.json'), JSON.stringify({ root: true, linter: { rules } }));
    const args = ['lint', `--config-path=${config}`, '--max-diagnostics=none', '--reporter=json'];
    const { stdout, error } = spawnSync(
      join(root, 'node_modules/.bin/biome'),
      [...args, 'src', 'lab', 'scripts', 'test'],
      { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 },
    );
    if (error) throw error;
    const { summary, diagnostics } = JSON.parse(stdout) as BiomeReport;
    assert.ok(summary.unchanged > 500 && diagnostics.length > 1_000, 'Biome has looked at all of it');
    return diagnostics
      .filter(({ category }) => category.endsWith('noExcessiveLinesPerFunction'))
      .map(({ location: { path, start, end } }) => ({ file: path, first: start.line, last: end.line }));
  } finally {
    rmSync(config, { recursive: true });
  }
}

interface BiomeReport {
  readonly summary: { readonly unchanged: number };
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: {
      readonly path: string;
      readonly start: { readonly line: number };
      readonly end: { readonly line: number };
    };
  }[];
}

describe('the house', () => {
  it('has a room for every source file', () => {
    assert.deepEqual(
      sources.filter((file) => roomOf(file) === undefined),
      [],
    );
  });

  it('lets its rooms import only along the arrows of docs/ARCHITECTURE.md', () => {
    const strays: string[] = [];
    for (const file of sources) {
      const room = roomOf(file);
      if (room === undefined) continue;
      const allowed = [room, ...(mayImport[room] ?? [])];
      for (const target of targetsOf(file)) {
        if (!allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
          strays.push(`${file} → ${target}`);
      }
    }
    assert.deepEqual(strays, []);
  });

  it('lets the lab reach the service as others do: by HTTP, and not by its insides', () => {
    const insiders = ['engine', 'baselines'].map((room) => `lab/${room}/`);
    // The page looks like the shop, orders go to the states that there are, and this machine is the same for all.
    const shared = ['src/web/', 'src/domain/us-state.ts', 'src/program/loopback.ts'];
    const strays: string[] = [];
    for (const file of files.filter((name) => name.startsWith('lab/') && /(?<!\.test)\.[jt]s$/.test(name))) {
      if (insiders.some((room) => file.startsWith(room))) continue;
      for (const target of targetsOf(file)) {
        if (target.startsWith('src/') && !shared.some((prefix) => target.startsWith(prefix)))
          strays.push(`${file} → ${target}`);
      }
    }
    assert.deepEqual(strays, []);
  });

  it('keeps the domain free of packages and of the runtime', () => {
    const strays = sources
      .filter((file) => file.startsWith('src/domain/'))
      .flatMap((file) =>
        imports(file)
          .filter((name) => !name.startsWith('.'))
          .map((name) => `${file} → ${name}`),
      );
    assert.deepEqual(strays, []);
  });

  it('asks no database which engine it is: only src/storage/engines.ts and texts for people name one', () => {
    const isEngine = (path: string) => engineFolders.some((folder) => path.startsWith(`${folder}/`));
    const strays = sources
      .filter((file) => !isEngine(file) && file !== 'src/storage/engines.ts')
      .flatMap((file) => {
        const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*.*?\*\/|(?<!:)\/\/.*?$/gms, '');
        const texts = /'[^'\n]*'|"[^"\n]*"|`[^`]*`/g;
        // A text that is nothing but a name, or an address that is put together, is there to be compared or opened.
        const names = code.match(new RegExp(`['"\`](${engineNames})(:?['"\`]|:\\$\\{)`, 'gi')) ?? [];
        const identifiers =
          code.replaceAll(texts, '').match(new RegExp(`\\w*(${engineNames})\\w*`, 'gi')) ?? [];
        const folders = targetsOf(file).filter(isEngine);
        return [...names, ...identifiers, ...folders].map((name) => `${file}: ${name}`);
      });
    assert.deepEqual(strays, []);
  });

  it('compares no engine with a name, in the lab and the scripts either: what differs is in an object', () => {
    const comparison = new RegExp(`[!=]==? ['"\`](${engineNames})['"\`]`);
    const strays = files.filter(
      (file) =>
        !file.startsWith('test/') &&
        /(?<!\.test)\.[jt]s$/.test(file) &&
        comparison.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(strays, []);
  });

  it('knows Citus only in its folder and at the seam, src/storage/postgres/distribution.ts', () => {
    const home = /^src\/storage\/postgres\/(citus\/|distribution\.ts$)/;
    const strays = files.filter(
      (file) =>
        file.startsWith('src/') &&
        !home.test(file) &&
        /citus|pg_dist_/i.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(strays, []);
  });

  it('mentions Bun only in src/runtime', () => {
    const strays = sources.filter(
      (file) =>
        !file.startsWith('src/runtime/') && /\bBun\.|'bun:/.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(strays, []);
  });

  it('keeps source files short enough to read in one go', () => {
    const long = files
      .filter((file) => file.endsWith('.ts') && !/\.(test|contract|model)\.ts$/.test(file))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > sourceLinesMax);
    assert.deepEqual(long, []);
  });

  it('keeps functions short enough to be seen whole', () => {
    assert.deepEqual(functionsOver(functionLinesMax), []);
  });

  it('names files for what they are, in kebab-case', () => {
    const odd = files.filter((file) => {
      const name = file.split('/').at(-1) ?? '';
      return (
        /^(utils?|helpers?|common|misc|types|index|manager)\./.test(name) ||
        /[A-Z_]/.test(name.replace(/README\.md$/, ''))
      );
    });
    assert.deepEqual(odd, []);
  });
});
