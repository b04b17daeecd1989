/**
 * What a start loads before it needs it. Reading and evaluating modules is most of the work of a start (decision 20),
 * so a package that only some shops, commands or requests use is imported by `await import()` where it is used.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** Imports and exports from a module that are evaluated with the file: neither types alone nor `import()`. */
const evaluated = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(text.matchAll(evaluated), ([, name = '']) => name);
}

/** All files of ours that are loaded with these, and the packages. */
function loadedWith(...entries: readonly string[]) {
  const files = new Set<string>(entries);
  const packages = new Set<string>();
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) files.add(relative(root, resolve(root, dirname(file), name)));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  }
  return { files, packages: [...packages].sort() };
}

describe('a start loads', () => {
  it('the packages that every shop needs, and no others', () => {
    const { packages } = loadedWith('src/cli/cli.ts', 'src/cli/serve.ts');
    assert.deepEqual(packages, ['negotiator', 'pino', 'prom-client', 'rou3', 'zod']);
  });

  it('no importer, no backup and no other command', () => {
    const { files } = loadedWith('src/cli/cli.ts', 'src/cli/serve.ts');
    assert.ok(files.has('src/http/endpoints.ts') && files.has('src/storage/sqlite/sqlite-store.ts'));
    const others =
      /^src\/(bulk\/(import|read)-|bulk\/product-picture|storage\/postgres\/postgres-store|backup\/take-)/;
    assert.deepEqual(
      [...files].filter((file) => others.test(file)),
      [],
    );
  });

  it('no package with the threads of SQLite', () => {
    for (const thread of ['writer-thread', 'checkpoint-thread'])
      assert.deepEqual(loadedWith(`src/storage/sqlite/${thread}.ts`).packages, [], thread);
  });
});
