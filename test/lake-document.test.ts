/** docs/LAKE.md shows the columns and the analyses as they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyses, lakeDocument } from '../scripts/lake-document.ts';
import { lakeTables } from '../src/events/tables/lake-tables.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/LAKE.md'), 'utf8');

test('docs/LAKE.md is up to date', () => {
  assert.equal(page, lakeDocument().text, 'docs/LAKE.md is stale: run make docs.');
});

test('docs/LAKE.md names every table, column, type and unit, and says which columns are personal', () => {
  for (const { name, columns } of lakeTables) {
    const section = page.split(`### \`${name}\`\n`)[1]?.split('\n### ')[0] ?? assert.fail(name);
    const rows = Array.from(section.matchAll(/^\| `(\w+)` \| (\w+) \| ?(.*?) \| (\*\*Personal\.\*\*)?/gm));
    assert.deepEqual(
      rows.map(([, column, type, unit, personal]) => [column, type, unit, personal !== undefined]),
      columns.map((column) => [column.name, column.type, column.unit ?? '', column.personal]),
      name,
    );
  }
});

test('docs/LAKE.md shows every file of docs/analyses', () => {
  const files = readdirSync(join(root, 'docs/analyses')).sort();
  assert.deepEqual(files, analyses.map((name) => `${name}.sql`).sort());
});
