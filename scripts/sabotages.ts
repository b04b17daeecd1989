/** The ways in which `sabotage.ts` breaks the code. Each `find` stands exactly once in its file. */
export interface Sabotage {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Test files or folders of which at least one must fail. */
  readonly tests: readonly string[];
  /** Part of the name of the test that must fail, where others take long before it; only such tests are run. */
  readonly only?: string;
}

const domainTests = ['src/domain'];
const engineTests = ['test/sqlite-store.test.ts'];

export const sabotages: readonly Sabotage[] = [
  {
    name: 'let the newest verified backup go',
    file: 'src/backup/rotation.ts',
    find: 'newestFirst.find(({ isVerified }) => isVerified),',
    replace: '',
    tests: ['src/backup'],
  },
  {
    name: 'let the backup go that was just made',
    file: 'src/backup/rotation.ts',
    find: 'newestFirst.find(({ name }) => name === fresh),',
    replace: '',
    tests: ['src/backup'],
  },
  {
    name: 'keep the oldest backup of a day instead of the newest',
    file: 'src/backup/rotation.ts',
    find: 'for (const backup of newestFirst) {',
    replace: 'for (const backup of newestFirst.toReversed()) {',
    tests: ['src/backup'],
  },
  {
    name: "rotate another shop's backups away",
    file: 'src/backup/take-backup.ts',
    find: 'isSameShop(one.shop, shop)',
    replace: 'isSameShop(one.shop, one.shop)',
    tests: ['test/journeys/backup-locations.test.ts'],
  },
  {
    name: 'let the clock tell which backup is the latest',
    file: 'src/backup/backup-history.ts',
    find: 'other.lastPosition <= backup.lastPosition',
    replace: 'compare(other.takenAt, backup.takenAt) <= 0',
    tests: ['test/journeys/backup-history.test.ts'],
  },
  {
    name: 'answer before the commit',
    file: 'src/storage/sqlite/commit-batch.ts',
    find: '      commit.run();\n      return outcomes;',
    replace: '      setTimeout(() => commit.run(), 20);\n      return outcomes;',
    tests: engineTests,
  },
  {
    name: 'skip the stock check',
    file: 'src/domain/decide-batch.ts',
    find: 'if (shortages.length > 0)',
    replace: 'if (shortages.length > 99)',
    tests: domainTests,
  },
  {
    name: 'forget the stock that earlier orders of the batch took',
    file: 'src/domain/decide-batch.ts',
    find: 'onHand - (draft.stockTaken.get(sku) ?? 0)',
    replace: 'onHand',
    tests: domainTests,
  },
  {
    name: 'one unit more than there is',
    file: 'src/domain/decide-batch.ts',
    find: 'if (quantity > available)',
    replace: 'if (quantity > available + 1)',
    tests: domainTests,
  },
  {
    name: 'let a bad order pull its neighbours down',
    file: 'src/domain/decide-batch.ts',
    find: "if ('problems' in priced) return",
    replace: "if ('problems' in priced) throw new Error('rejected'); if ('problems' in priced) return",
    tests: domainTests,
  },
  {
    name: 'break ties by name before units',
    file: 'src/storage/sqlite/reads.ts',
    find: 'ORDER BY p.state, p.orders DESC, p.units DESC, p.name_place',
    replace: 'ORDER BY p.state, p.orders DESC, p.name_place, p.units DESC',
    tests: engineTests,
  },
  {
    name: 'count units as orders',
    file: 'src/domain/decide-batch.ts',
    find: 'counter.orders += 1;',
    replace: 'counter.orders += quantity;',
    tests: domainTests,
  },
  {
    name: 'number crowded products, but not their counters',
    file: 'src/storage/sqlite/name-ranks.ts',
    find: 'if (hasMoved) followProducts.run();',
    replace: 'void followProducts;',
    tests: engineTests,
    only: 'however closely the names came to stand',
  },
  {
    name: 'give the outcomes of joined batches to each other',
    file: 'src/storage/sqlite/writer-thread.ts',
    find: 'taken += own.length;',
    replace: 'taken += 0;',
    tests: engineTests,
  },
  {
    name: 'read on in the old moment after an answer',
    file: 'src/storage/sqlite/sqlite-store.ts',
    find: 'const result = await writing;\n    sharedRead.end();',
    replace: 'const result = await writing;',
    tests: engineTests,
  },
  {
    name: 'share reads while a checkpoint ends',
    file: 'src/storage/sqlite/shared-read.ts',
    find: 'isSharing = false;',
    replace: 'void isSharing;',
    tests: ['src/storage/sqlite/shared-read.test.ts'],
  },
  {
    name: 'forget the idempotency keys',
    file: 'src/storage/sqlite/commit-batch.ts',
    find: 'insertKey.run(scope, key, fingerprint, orderNumber);',
    replace: 'void [scope, key, fingerprint, orderNumber];',
    tests: engineTests,
  },
  {
    name: 'replay an order for another payload',
    file: 'src/domain/decide-batch.ts',
    find: 'sameKey.fingerprint === idempotency.fingerprint',
    replace: 'sameKey.fingerprint !== null',
    tests: domainTests,
  },
  {
    name: 'miss a key that comes twice in one batch',
    file: 'src/domain/decide-batch.ts',
    find: 'draft.snapshot.ordersByKey.get(id) ?? draft.placedByKey.get(id)',
    replace: 'draft.snapshot.ordersByKey.get(id)',
    tests: domainTests,
  },
  {
    name: 'leave the order out of the log',
    file: 'src/storage/sqlite/commit-batch.ts',
    find: 'insertLogEntry.run(orderNumber, type, atMs);',
    replace: 'void [orderNumber, type, atMs];',
    tests: engineTests,
  },
  {
    name: 'take the stock and lose half a transaction',
    file: 'src/storage/sqlite/commit-batch.ts',
    find: 'takeStock.run(units, sku);',
    replace: 'void [units, sku];',
    tests: engineTests,
  },
  {
    name: 'commit without waiting for the disk',
    file: 'src/storage/sqlite/connection.ts',
    find: 'PRAGMA synchronous = FULL;',
    replace: 'PRAGMA synchronous = OFF;',
    tests: engineTests,
  },
  {
    name: 'open a database that is newer than the program',
    file: 'src/storage/sqlite/migrate.ts',
    find: 'if (version > newest) {',
    replace: 'if (version > newest + 99_999) {',
    tests: ['test/journeys/starting-and-stopping.test.ts'],
    only: 'says so when the database was written by a newer program',
  },
  {
    name: 'write a price in the order that the catalogue does not have',
    file: 'src/domain/decide-batch.ts',
    find: 'unitPriceCents: product.priceCents, lineTotalCents',
    replace: 'unitPriceCents: product.priceCents + 1, lineTotalCents',
    tests: domainTests,
  },
  {
    name: 'let the queue grow by one more than its bound',
    file: 'src/intake/commit-batcher.ts',
    find: 'queueDepth() >= queueDepthMax',
    replace: 'queueDepth() > queueDepthMax',
    tests: ['src/intake'],
  },
  {
    name: 'hand the outcomes out in the wrong order',
    file: 'src/intake/batches-at-store.ts',
    find: 'of outcomes.entries()) batch',
    replace: 'of outcomes.toReversed().entries()) batch',
    tests: ['src/intake'],
  },
  {
    name: 'show personal data to a caller who knows only the id',
    file: 'src/http/order-key.ts',
    find: 'given.length === expected.length && timingSafeEqual(given, expected)',
    replace: 'given.length > 0 || timingSafeEqual(given, expected)',
    tests: ['test/journeys/placing-an-order.test.ts', 'test/journeys/reading.test.ts'],
  },
  {
    name: 'write a typed address into the log',
    file: 'src/http/problem-log.ts',
    find: 'method: request.method, route, status, code });',
    replace: 'method: request.method, route: request.url, status, code });',
    tests: ['test/monitoring/personal-data.test.ts'],
  },
  {
    name: 'write text of a customer into the page without escaping it',
    file: 'src/web/html.ts',
    find: 'if (!special.test(text)) return text;',
    replace: 'if (text.length > 0) return text;',
    tests: ['src/web'],
  },
  {
    name: 'stay ready when nothing can be stored',
    file: 'src/intake/store-watch.ts',
    find: 'isWritable: () => writable === true,',
    replace: 'isWritable: () => writable !== null,',
    tests: ['src/intake'],
  },
  {
    name: 'seed the shop once more at each start',
    file: 'src/storage/sqlite/catalog-writes.ts',
    find: 'if (selectAnyProduct.get() !== undefined) return false;',
    replace: 'selectAnyProduct.get();',
    tests: ['test/journeys/several-processes.test.ts'],
  },
];
