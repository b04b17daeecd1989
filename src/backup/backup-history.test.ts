import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  findSuperseded,
  type HistoryEntry,
  newestFirst,
  ofOtherHistory,
  positionsToCompare,
} from './backup-history.ts';
import { sampledPositions, sampleOrders } from './backup-samples.ts';
import { supersededMax } from './manifest.ts';
import { expired, type KeepRule } from './rotation.ts';

const day = 86_400_000;
const noon = Date.parse('2026-11-25T12:00:00Z');

const sums = new Map<string, string>();

function sumOf(id: string): string {
  const sum = sums.get(id) ?? createHash('sha256').update(id).digest('hex');
  sums.set(id, sum);
  return sum;
}

const identity = { firstReceipt: sumOf('receipt'), firstOrder: null };

/** A shop of which the id of each order is its letter, and the location that its backups go to. */
function aShop() {
  let orders: readonly string[] = [];
  let backups: readonly HistoryEntry[] = [];
  const contents = new Map<string, readonly string[]>();

  function backUpOf(held: readonly string[], name: string, clockMs: number): void {
    const own = { takenAt: new Date(clockMs).toISOString(), lastPosition: held.length };
    const all = new Map(held.map((id, index) => [index + 1, sumOf(id)]));
    const asked = new Set(positionsToCompare(held.length, backups));
    const ordersAt = new Map([...all].filter(([position]) => asked.has(position)));
    const lastOrder = all.get(held.length) ?? null;
    const sampledOrders = sampleOrders(held.length, all);
    const supersedes = [...findSuperseded(own, ordersAt, backups)];
    contents.set(name, held);
    backups = [...backups, { name, shop: identity, ...own, lastOrder, sampledOrders, supersedes }];
  }

  return {
    sell(...ids: readonly string[]) {
      orders = [...orders, ...ids];
    },
    backUp(name: string, clockMs = noon): void {
      backUpOf(orders, name, clockMs);
    },
    /** Of a copy of the shop's files that was made before its last orders. */
    backUpStaleCopy(name: string, missing: number, clockMs = noon): void {
      backUpOf(orders.slice(0, Math.max(0, orders.length - missing)), name, clockMs);
    },
    restore(name: string) {
      orders = contents.get(name) ?? assert.fail(name);
    },
    remove(...names: readonly string[]) {
      backups = backups.filter(({ name }) => !names.includes(name));
    },
    /** As `--keep` does after the backup of that name. */
    rotate(rule: KeepRule, fresh: string) {
      const ordered = newestFirst(backups).map(({ name, takenAt, lastPosition }) => ({
        name,
        lastPosition,
        takenAtMs: Date.parse(takenAt),
        isVerified: true,
      }));
      this.remove(...expired(ordered, rule, fresh).map(({ name }) => name));
    },
    /** As they are when programs have written them that named no samples and superseded all that were longer. */
    writtenByOlderPrograms() {
      backups = backups.map((backup, index) => ({
        ...backup,
        sampledOrders: null,
        supersedes: backups
          .slice(0, index)
          .filter((one) => one.lastPosition > backup.lastPosition)
          .map(({ name }) => name),
      }));
    },
    backups: () => backups,
    ordered: () => newestFirst(backups).map(({ name }) => name),
    furthest: () => Math.max(...backups.map(({ lastPosition }) => lastPosition)),
    others() {
      const [newest = assert.fail('no backups')] = newestFirst(backups);
      return ofOtherHistory(newest, backups).map(({ name }) => name);
    },
    contents: (name: string) => contents.get(name) ?? assert.fail(name),
  };
}

describe('the newest backup', () => {
  for (const [clock, aheadMs] of [
    ['right', 60_000],
    ['a day back', -day],
    ['where it was', 0],
  ] as const) {
    test(`is the one of the highest log position when the clock is ${clock}`, () => {
      const shop = aShop();
      shop.sell('a');
      shop.backUp('first', noon);
      shop.sell('b');
      shop.backUp('second', noon + aheadMs);
      assert.deepEqual(shop.ordered(), ['second', 'first']);
      assert.deepEqual(shop.others(), []);
    });

    test(`is the later one of two at one position when the clock is ${clock}`, () => {
      const shop = aShop();
      shop.sell('a');
      for (const [nth, name] of ['first', 'second', 'third'].entries())
        shop.backUp(name, noon + nth * aheadMs);
      assert.deepEqual(shop.ordered(), ['third', 'second', 'first']);
      assert.deepEqual(shop.others(), [], 'they hold the same orders');
    });
  }

  test('is of the history that was backed up last', () => {
    const shop = aShop();
    shop.sell('a', 'b');
    shop.backUp('common');
    shop.sell('c', 'd');
    shop.backUp('left behind');
    shop.restore('common');
    shop.backUp('restored');
    assert.equal(shop.ordered()[0], 'left behind', 'it holds no other order yet');
    shop.sell('x');
    shop.backUp('went on');
    assert.deepEqual(shop.ordered(), ['went on', 'left behind', 'restored', 'common']);
    assert.deepEqual(shop.others(), ['left behind']);
    shop.sell('y', 'z');
    shop.backUp('overtook');
    assert.deepEqual(shop.ordered().slice(0, 2), ['overtook', 'went on']);
    assert.deepEqual(shop.others(), ['left behind'], 'it still holds other orders');
    shop.remove('left behind');
    assert.deepEqual(shop.others(), []);
  });

  test('goes on where a restored shop ends that was backed up before it sold', () => {
    const shop = aShop();
    shop.sell('a');
    shop.backUp('common');
    shop.sell('b');
    shop.backUp('middle');
    shop.sell('c');
    shop.backUp('long');
    shop.restore('common');
    shop.sell('x');
    shop.backUp('other');
    assert.equal(shop.ordered()[0], 'other');
    shop.restore('middle');
    shop.backUp('given up again');
    assert.deepEqual(shop.ordered().slice(0, 3), ['long', 'given up again', 'other']);
    assert.deepEqual(shop.others(), ['other']);
  });

  test('is told by position where older programs have written no history', () => {
    const old = { lastOrder: null, sampledOrders: null, shop: identity, supersedes: [] };
    const first = { ...old, name: 'first', takenAt: '2026-11-26T12:00:00.000Z', lastPosition: 1 };
    const second = { ...old, name: 'second', takenAt: '2026-11-25T12:00:00.000Z', lastPosition: 2 };
    assert.deepEqual(newestFirst([first, second]), [second, first]);
    const own = { takenAt: '2026-11-25T13:00:00.000Z', lastPosition: 2 };
    assert.deepEqual(findSuperseded(own, new Map([[2, 'b']]), [first, second]), []);
  });

  test('is of the history that an older program’s backup says to be the new one', () => {
    const shop = aShop();
    shop.sell('a');
    shop.backUp('common');
    shop.sell('b', 'c', 'd', 'e', 'f', 'g');
    shop.backUp('left behind');
    shop.restore('common');
    shop.sell('x', 'y', 'z');
    shop.backUp('went on');
    shop.writtenByOlderPrograms();
    shop.sell('later');
    shop.backUp('continued');
    assert.deepEqual(shop.ordered(), ['continued', 'went on', 'left behind', 'common']);
    shop.rotate({ last: 1 }, 'continued');
    assert.deepEqual(shop.ordered(), ['continued', 'left behind']);
    shop.sell('last');
    shop.backUp('continued again');
    assert.deepEqual(shop.ordered(), ['continued again', 'continued', 'left behind']);
    assert.deepEqual(shop.others(), ['left behind']);
    shop.restore('left behind');
    shop.sell('h');
    shop.backUp('returned');
    assert.equal(shop.ordered()[0], 'returned');
    assert.deepEqual(shop.others(), ['continued again', 'continued'], 'it continues the one left behind');
  });

  test('is told by the orders, not by the older program that a clock misled', () => {
    const shop = aShop();
    shop.sell('a');
    shop.backUp('first', noon);
    shop.backUp('second', noon - day);
    assert.deepEqual(shop.backups()[1]?.supersedes, ['first']);
    shop.sell('b');
    shop.backUp('third', noon - day);
    assert.deepEqual(shop.backups()[2]?.supersedes, []);
    assert.deepEqual(shop.others(), []);
  });

  test('is found among backups that contradict each other', () => {
    const entry = {
      takenAt: '2026-11-26T12:00:00.000Z',
      lastOrder: null,
      sampledOrders: null,
      shop: identity,
    };
    const one = { ...entry, name: 'one', lastPosition: 1, supersedes: ['two', 'one', 'gone'] };
    const two = { ...entry, name: 'two', lastPosition: 2, supersedes: ['one'] };
    assert.deepEqual(newestFirst([one, two]), [two, one]);
  });

  test(`supersedes ${supersededMax} at most, those of the highest positions`, () => {
    const earlier = Array.from({ length: supersededMax + 1 }, (_, index) => ({
      name: `b${index}`,
      takenAt: '2026-11-25T12:00:00.000Z',
      lastPosition: index + 2,
      lastOrder: sumOf('order 2'),
      sampledOrders: null,
      shop: identity,
      supersedes: [],
    }));
    const own = { takenAt: '2026-11-25T13:00:00.000Z', lastPosition: supersededMax + 2 };
    const names = findSuperseded(own, new Map(), earlier);
    assert.equal(names.length, supersededMax);
    assert.equal(names[0], `b${supersededMax}`);
    assert.ok(!names.includes('b0'));
  });
});

/** The last backup is the newest, unless another one holds all of its orders and more. */
function assertNewestHolds(shop: ReturnType<typeof aShop>, last: string): void {
  const newest = shop.ordered()[0] ?? assert.fail('no backups');
  const own = shop.contents(last);
  const goesOn = (name: string) => own.every((id, index) => shop.contents(name)[index] === id);
  const longer = shop.backups().filter(({ name, lastPosition }) => lastPosition > own.length && goesOn(name));
  assert.ok(longer.length === 0 ? newest === last : longer.some(({ name }) => name === newest));
  const held = new Set(shop.contents(newest));
  const missing = shop.backups().filter(({ name }) => shop.contents(name).some((id) => !held.has(id)));
  assert.deepEqual(shop.others().toSorted(), missing.map(({ name }) => name).toSorted());
}

test('the orders that a backup names lie close, and closer where they are newer', () => {
  assert.deepEqual(sampledPositions(0), []);
  assert.deepEqual(sampledPositions(3), [3, 2, 1]);
  const positions = sampledPositions(1_000_000);
  assert.ok(positions.length < 1_400, `${positions.length} positions`);
  for (const [index, position] of positions.entries()) {
    const next = positions[index + 1] ?? 1;
    assert.ok(position - next <= Math.max(1, (1_000_000 - position) / 128), `from ${position} to ${next}`);
  }
});

test('whatever the clocks, sales, restores and stale copies: the newest holds the last backup’s orders, and rotation keeps it', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ sell: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 4, arbitrary: fc.record({ backUpAtMs: fc.integer({ min: 0, max: 4e12 }) }) },
    { weight: 1, arbitrary: fc.record({ restore: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        backUpStaleAtMs: fc.integer({ min: 0, max: 4e12 }),
        missing: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ keep: fc.record({ last: fc.integer({ min: 1, max: 3 }) }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const shop = aShop();
      let nth = 0;
      for (const one of steps) {
        const all = shop.backups();
        if ('sell' in one) for (let i = 0; i < one.sell; i += 1) shop.sell(`order ${nth++}`);
        else if ('restore' in one && all.length > 0) shop.restore(all[one.restore % all.length]?.name ?? '');
        else if ('keep' in one) {
          const before = shop.ordered()[0];
          const furthest = shop.furthest();
          const fresh = all.at(-1)?.name ?? '';
          shop.rotate(one.keep as KeepRule, fresh);
          assert.equal(shop.ordered()[0], before);
          assert.equal(shop.furthest(), furthest);
          assert.equal(shop.backups().at(-1)?.name ?? '', fresh, 'the backup that was just made');
        } else if ('backUpAtMs' in one || 'backUpStaleAtMs' in one) {
          const name = `backup ${nth++}`;
          if ('backUpAtMs' in one) shop.backUp(name, one.backUpAtMs);
          else shop.backUpStaleCopy(name, one.missing, one.backUpStaleAtMs);
          assertNewestHolds(shop, name);
        }
      }
    }),
  );
});

describe('the backup that was just made', () => {
  test('stays when fewer orders were sold since the restore than samples tell apart', () => {
    const shop = aShop();
    const ids = Array.from({ length: 100_000 }, (_, index) => `order ${index}`);
    shop.sell(...ids.slice(0, 50_000));
    shop.backUp('common', noon);
    shop.sell(...ids.slice(50_000));
    shop.backUp('left behind', noon);
    shop.restore('common');
    shop.sell(...ids.slice(0, 60).map((id) => `another ${id}`));
    shop.backUp('went on', noon + 60_000);
    assert.deepEqual(shop.backups().at(-1)?.supersedes, [], 'no sample lies among its orders');
    shop.rotate({ h: 24 }, 'went on');
    assert.deepEqual(shop.ordered(), ['left behind', 'went on']);
  });

  test('stays whatever was sold, restored or copied among orders that no sample tells apart, and supersedes no backup of its own history', () => {
    const step = fc.record({
      restore: fc.option(fc.nat(), { freq: 2 }),
      sell: fc.integer({ min: 0, max: 300 }),
      missing: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
      clockMs: fc.integer({ min: 0, max: 4e12 }),
      keep: fc.option(fc.record({ last: fc.integer({ min: 1, max: 3 }) })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12, size: 'max' }), (steps) => {
        const shop = aShop();
        let nth = 0;
        const sell = (count: number) => {
          for (let i = 0; i < count; i += 1) shop.sell(`order ${nth++}`);
        };
        sell(1_000);
        for (const [index, { restore, sell: count, missing, clockMs, keep }] of steps.entries()) {
          const all = shop.backups();
          if (restore !== null && all.length > 0) shop.restore(all[restore % all.length]?.name ?? '');
          sell(count);
          const fresh = `backup ${index}`;
          shop.backUpStaleCopy(fresh, missing, clockMs);
          const held = shop.contents(fresh);
          for (const name of shop.backups().at(-1)?.supersedes ?? []) {
            const other = shop.contents(name);
            const isOfOtherHistory = other.some((id, at) => at < held.length && id !== held[at]);
            assert.ok(isOfOtherHistory || other.length === held.length, `${fresh} supersedes ${name}`);
          }
          const furthest = shop.furthest();
          if (keep !== null) shop.rotate(keep as KeepRule, fresh);
          assert.equal(shop.backups().at(-1)?.name, fresh);
          assert.equal(shop.furthest(), furthest);
        }
      }),
      { numRuns: 40 },
    );
  });
});
