/** A sabotage that no longer finds the code it breaks would end `make sabotage` after minutes; this tells at once. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { everySabotage } from '../../scripts/every-sabotage.ts';

const root = join(import.meta.dirname, '../..');

test('every sabotage finds the code it breaks once, and the tests that must notice', () => {
  const lost = everySabotage.flatMap(({ name, file, find, tests }) => {
    const path = join(root, file);
    const found = existsSync(path) ? readFileSync(path, 'utf8').split(find).length - 1 : 0;
    const missing = tests.filter((each) => !existsSync(join(root, each)));
    return found === 1 && missing.length === 0 ? [] : [{ name, file, found, missing }];
  });
  assert.deepEqual(lost, []);
});
