/** Ways to break `nozama copy`; see sabotages.ts. */
import type { Sabotage } from './sabotages.ts';

const engine = 'src/storage/postgres';
const copying = ['test/postgres/copy.test.ts'];
const copyInterrupted = ['test/postgres/copy-interrupted.test.ts'];
const copyRefused = ['test/postgres/copy-refused.test.ts'];

export const copySabotages: readonly Sabotage[] = [
  {
    name: 'copy: commit a page without the position it reaches',
    file: `${engine}/shop-writer.ts`,
    find: 'const [moved] = await send([moveTo(expected, reached)]);',
    replace: 'const [moved] = await send([moveTo(expected, expected)]);',
    tests: copyInterrupted,
  },
  {
    name: 'copy: do not wait for a page that outlived its process',
    file: `${engine}/shop-writer.ts`,
    find: 'SELECT source, section, after_key, rows_copied FROM shop_copy FOR UPDATE',
    replace: 'SELECT source, section, after_key, rows_copied FROM shop_copy',
    tests: copyInterrupted,
    only: 'is waited for while the server is still at its last page',
  },
  {
    name: 'copy: write a page though another copy has been there',
    file: `${engine}/shop-writer.ts`,
    find: 'if (moved?.rowCount !== 1) throw anotherCopy();',
    replace: 'if (moved?.rowCount === 7) throw anotherCopy();',
    tests: copyInterrupted,
    only: 'does not write where another one has been',
  },
  {
    name: 'copy: let services onto half a copy',
    file: `${engine}/migrate.ts`,
    find: '    await assertNoCopy(send);\n    const pending',
    replace: '    const pending',
    tests: copyInterrupted,
    only: 'leaves a target that no service opens and nobody else writes to',
  },
  {
    name: 'copy: leave a gap in the order numbers',
    file: `${engine}/shop-writer.ts`,
    find: 'coalesce(max(number) + 1,',
    replace: 'coalesce(max(number) + 2,',
    tests: copying,
    only: 'and goes on with the next number',
  },
  {
    name: 'copy: leave the target the id that it was made with',
    file: `${engine}/shop-writer.ts`,
    find: 'UPDATE shop_identity SET shop_id = $1::uuid',
    replace: 'UPDATE shop_identity SET shop_id = shop_id WHERE $1::uuid IS NOT NULL',
    tests: copying,
    only: 'is the same, read by read',
  },
  {
    name: 'copy: leave the source to others',
    file: 'src/storage/sqlite/shop-reader.ts',
    find: 'PRAGMA locking_mode = EXCLUSIVE; ',
    replace: '',
    tests: copyRefused,
    only: 'of a file that is in use, missing',
  },
  {
    name: 'copy: open the target whatever the recount finds',
    file: 'src/storage/copy-shop.ts',
    find: 'const isOpen = verification.findings.length === 0;',
    replace: 'const isOpen = verification.findings.length >= 0;',
    tests: copyRefused,
    only: 'of a shop that does not add up',
  },
  {
    name: 'copy: forget the secret of the links',
    file: 'src/cli/copy.ts',
    find: '{ orderKeySecret: secret, ',
    replace: '{ orderKeySecret: null, ',
    tests: copying,
    only: 'and goes on with the next number',
  },
];
