/** Ways of breaking the erasure of persons, so that something of them is left. See `sabotages.ts`. */
import type { Sabotage } from './sabotages.ts';

const files = ['test/sqlite-erasure.test.ts'];
const journey = ['test/journeys/canaries-of-erased-persons.test.ts'];

export const erasureSabotages: readonly Sabotage[] = [
  {
    name: 'erasure: leave the pages of long texts as they are',
    file: 'src/storage/sqlite/step-writes.ts',
    find: "db.exec('PRAGMA secure_delete = ON');",
    replace: '',
    tests: files,
    only: 'longer than a page',
  },
  {
    name: 'erasure: give orders no room, so that their neighbours are moved',
    file: 'src/storage/sqlite/row-room.ts',
    find: 'return spaces.slice(0, alwaysKept',
    replace: 'return spaces.slice(0, 0 * alwaysKept',
    tests: files,
    only: 'never grow',
  },
  {
    name: 'erasure: overwrite nothing that is freed',
    file: 'src/storage/sqlite/connection.ts',
    find: 'PRAGMA secure_delete = FAST;',
    replace: 'PRAGMA secure_delete = OFF;',
    tests: journey,
  },
  {
    name: 'erasure: leave the bytes that it frees as they are',
    file: 'src/storage/sqlite/step-writes.ts',
    find: "db.exec('PRAGMA secure_delete = ON');",
    replace: "db.exec('PRAGMA secure_delete = OFF');",
    tests: files,
    only: 'among the orders of others',
  },
  {
    name: 'PostgreSQL: erasure: keep names in the statistics of the planner',
    file: 'src/storage/postgres/migrations/0012-no-statistics-of-persons.sql',
    find: 'ALTER COLUMN customer_name SET STATISTICS 0',
    replace: 'ALTER COLUMN customer_name SET STATISTICS 10',
    tests: ['test/postgres/erased-persons.test.ts'],
  },
  {
    name: 'PostgreSQL: erasure: keep the email',
    file: 'src/storage/postgres/step-writes.ts',
    find: 'zip_code = erased.zip_code, email = NULL',
    replace: 'zip_code = erased.zip_code',
    tests: ['test/postgres/erased-persons.test.ts'],
  },
  {
    name: 'erasure: leave the write-ahead log as it is',
    file: 'src/storage/sqlite/sqlite-store.ts',
    find: 'checkpointer.cutSoon(),',
    replace: 'undefined,',
    tests: files,
    only: 'while the shop is open',
  },
  {
    name: 'erasure: end a program and leave the write-ahead log as it is',
    file: 'src/storage/sqlite/writer-thread.ts',
    find: 'log.cutErased();',
    replace: '',
    tests: files,
    only: 'at the end of a program',
  },
  {
    name: 'erasure: keep the reason of an earlier step',
    file: 'src/domain/order-event.ts',
    find: 'return { ...content, data: { ...content.data, reason: null } };',
    replace: 'return content;',
    tests: journey,
  },
  {
    name: 'erasure: keep the email',
    file: 'src/storage/sqlite/row-room.ts',
    find: 'zip_code = ?2, email = NULL,',
    replace: 'zip_code = ?2,',
    tests: journey,
  },
  {
    name: 'erasure: keep what a step after it tells',
    file: 'src/domain/take-step.ts',
    find: 'hasErasure(history.events) ? withoutPersonalData(content) : content',
    replace: 'content',
    tests: ['test/memory-store.test.ts'],
    only: 'after the erasure',
  },
  {
    name: 'erasure: keep the end of a ZIP+4 code',
    file: 'src/domain/zip-code.ts',
    find: 'zipCode.slice(0, 5)',
    replace: 'zipCode',
    tests: ['test/memory-store.test.ts'],
    only: 'an erased order',
  },
  {
    name: 'erasure: forget an order that has taken another step meanwhile',
    file: 'src/intake/erase-customer.ts',
    find: "if (outcome.kind !== 'stale') return isErased(outcome);",
    replace: "if (outcome.kind === 'stale') return false;",
    tests: ['src/intake/erase-customer.test.ts'],
  },
];
