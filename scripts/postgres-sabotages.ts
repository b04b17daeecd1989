/** Ways to break the PostgreSQL engine; see sabotages.ts. */
import type { Sabotage } from './sabotages.ts';

const engine = 'src/storage/postgres';
const overlapping = ['test/postgres/overlapping-batches.test.ts'];
const joined = ['test/postgres/joined-batches.test.ts'];
const connectionLoss = ['test/postgres/connection-loss.test.ts'];
const contract = ['test/postgres-store.test.ts'];
const copying = ['test/postgres/copy.test.ts'];

export const postgresSabotages: readonly Sabotage[] = [
  {
    name: 'PostgreSQL: decide without holding the stock',
    file: `${engine}/locks.ts`,
    find: 'ORDER BY sku FOR NO KEY UPDATE',
    replace: 'ORDER BY sku',
    tests: joined,
  },
  {
    name: 'PostgreSQL: close a batch before its turn has come',
    file: `${engine}/locks.ts`,
    find: ' IS NULL END AS came_at_once',
    replace: ' IS NOT NULL END AS came_at_once',
    tests: joined,
  },
  {
    name: 'PostgreSQL: decide about those who joined without having looked for their products',
    file: `${engine}/commit-batch.ts`,
    find: 'snapshot = joinSnapshots(snapshot, joined);',
    replace: 'joinSnapshots(snapshot, joined);',
    tests: joined,
  },
  {
    name: 'PostgreSQL: read the snapshot before the stock is locked',
    file: `${engine}/snapshot.ts`,
    find: `    lockStock(asked),
    { name: 'batch-products', text: selectProducts, values: [asked] },
    { name: 'earlier-orders', text: selectEarlierOrders, values: [scopes, keys, orderIds] },`,
    replace: `    { name: 'earlier-orders', text: selectEarlierOrders, values: [scopes, keys, orderIds] },
    { name: 'batch-products', text: selectProducts, values: [asked] },
    lockStock(asked),`,
    tests: contract,
  },
  {
    name: 'PostgreSQL: give positions without waiting for the commit before',
    file: `${engine}/write-set.ts`,
    find: '(SELECT coalesce(max(position), 0) FROM order_log) + nth',
    replace: "nextval('stock_receipts_receipt_id_seq')",
    tests: overlapping,
  },
  {
    name: 'PostgreSQL: fail a batch that lost a race for a key',
    file: `${engine}/failures.ts`,
    find: '[serializationFailure, deadlock, uniqueViolation]',
    replace: '[serializationFailure, deadlock]',
    tests: overlapping,
  },
  {
    name: 'PostgreSQL: hand out the same range of numbers twice',
    file: `${engine}/order-numbers.ts`,
    find: 'SET next_number = next_number + $1::bigint',
    replace: 'SET next_number = next_number + $1::bigint - $1::bigint',
    tests: contract,
  },
  {
    name: 'PostgreSQL: take an unanswered commit for a failed one',
    file: `${engine}/commit-batch.ts`,
    find: 'ordersById.get(orderId)?.number === number',
    replace: 'ordersById.get(orderId)?.number === -number',
    tests: connectionLoss,
  },
  {
    name: 'PostgreSQL: take an unanswered commit for a good one',
    file: `${engine}/commit-batch.ts`,
    find: 'if (error instanceof ConnectionLostError) throw new UnansweredCommit(decision, error);',
    replace: 'if (error instanceof ConnectionLostError) return [];',
    tests: connectionLoss,
  },
  {
    name: 'PostgreSQL: take a rollback for a commit',
    file: `${engine}/connection.ts`,
    find: "if (one.status === 'rejected') throw toFailure(one.reason);",
    replace: "if (one.status === 'rejected') continue;",
    tests: contract,
  },
  {
    name: 'PostgreSQL: leave a product that has overtaken others out of the ranking',
    file: `${engine}/write-set.ts`,
    find: 'THEN excluded.ranked_at_ms END)',
    replace: 'THEN NULL END)',
    tests: ['test/postgres/ranking.test.ts'],
  },
  {
    name: 'PostgreSQL: forget the ranking when a product is renamed',
    file: `${engine}/catalog-writes.ts`,
    find: 'if (states.length > 0) await send([rebuildRankings(states, nowMs())]);',
    replace: '',
    tests: ['test/postgres/ranking.test.ts'],
  },
  {
    name: 'PostgreSQL: put up with a server that may forget commits',
    file: `${engine}/connection.ts`,
    find: 'if (unsafe.length > 0 && !settings.allowsUnsafeCommits)',
    replace: 'if (unsafe.length > 9 && !settings.allowsUnsafeCommits)',
    tests: ['test/postgres/starting.test.ts'],
  },
  {
    name: 'PostgreSQL: trust any certificate',
    file: `${engine}/database-url.ts`,
    find: "rejectUnauthorized: mode !== 'require',",
    replace: 'rejectUnauthorized: false,',
    tests: ['test/postgres/starting.test.ts'],
  },
  {
    name: 'copy: commit a page without the position it reaches',
    file: `${engine}/shop-writer.ts`,
    find: 'const [moved] = await send([moveTo(expected, reached)]);',
    replace: 'const [moved] = await send([moveTo(expected, expected)]);',
    tests: copying,
  },
  {
    name: 'copy: do not wait for a page that outlived its process',
    file: `${engine}/shop-writer.ts`,
    find: 'SELECT source, section, after_key, rows_copied FROM shop_copy FOR UPDATE',
    replace: 'SELECT source, section, after_key, rows_copied FROM shop_copy',
    tests: copying,
  },
  {
    name: 'copy: write a page though another copy has been there',
    file: `${engine}/shop-writer.ts`,
    find: 'if (moved?.rowCount !== 1) throw anotherCopy();',
    replace: 'if (moved?.rowCount === 7) throw anotherCopy();',
    tests: copying,
  },
  {
    name: 'copy: let services onto half a copy',
    file: `${engine}/migrate.ts`,
    find: '    await assertNoCopy(send);\n    const pending',
    replace: '    const pending',
    tests: copying,
  },
  {
    name: 'copy: leave a gap in the order numbers',
    file: `${engine}/shop-writer.ts`,
    find: 'coalesce(max(number) + 1,',
    replace: 'coalesce(max(number) + 2,',
    tests: copying,
  },
  {
    name: 'copy: leave the source to others',
    file: 'src/storage/sqlite/shop-reader.ts',
    find: 'PRAGMA locking_mode = EXCLUSIVE; ',
    replace: '',
    tests: copying,
  },
  {
    name: 'copy: open the target whatever the recount finds',
    file: 'src/storage/copy-shop.ts',
    find: 'const isOpen = verification.findings.length === 0;',
    replace: 'const isOpen = verification.findings.length >= 0;',
    tests: copying,
  },
  {
    name: 'copy: forget the secret of the links',
    file: 'src/cli/copy.ts',
    find: '{ orderKeySecret: secret }',
    replace: '{ orderKeySecret: null }',
    tests: copying,
  },
];
