/** The documents of the configuration are those that its declarations make. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configurationDocuments } from '../scripts/configuration-documents.ts';
import { parseConfig } from '../src/config/config.ts';
import { parseEnvFile } from '../src/config/env-file.ts';
import type { Setting } from '../src/config/setting.ts';
import { settingGroups, settingNames } from '../src/config/setting-groups.ts';
import { objectStoreVariables } from '../src/objects/object-store-variables.ts';

const root = join(import.meta.dirname, '..');
const settings: readonly Setting[] = settingGroups.flatMap((group) => Object.values(group.settings));

for (const { path, text } of configurationDocuments()) {
  test(`${path} is up to date`, () => {
    assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} is stale: run make docs.`);
  });
}

test('.env.example has a line for every name that is read, and the line shows the default', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  const lines = parseEnvFile(Buffer.from(example.replace(/^#([A-Z])/gm, '$1')), '.env.example');
  const names = [...settingNames, ...objectStoreVariables.variables.map(({ name }) => name)];
  assert.deepEqual([...lines.keys()].sort(), names.sort());
  const defaults = settings.filter((setting) => setting.default !== null).map(({ name }) => name);
  const shown = new Map([...lines].filter(([name]) => defaults.includes(name)));
  assert.deepEqual(parseConfig({}, shown), parseConfig({}));
});

test('an example is a value that the setting takes, and is not the default', () => {
  for (const { name, schema, example, default: fallback } of settings) {
    if (example === undefined) continue;
    assert.ok(schema.safeParse(example).success, name);
    assert.notEqual(example, fallback, name);
  }
});

test('a name is declared once', () => {
  assert.deepEqual([...new Set(settingNames)], settingNames);
});
