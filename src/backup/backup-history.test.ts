import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findSuperseded, type HistoryEntry, newestFirst, ofOtherHistory } from './backup-history.ts';
import { supersededMax } from './manifest.ts';
import { expired, type KeepRule } from './rotation.ts';

const day = 86_400_000;
const noon = Date.parse('2026-11-25T12:00:00Z');

/** A shop of which the id of each order is its letter, and the location that its backups go to. */
function aShop() {
  let orders: readonly string[] = [];
  let backups: readonly HistoryEntry[] = [];
  const contents = new Map<string, readonly string[]>();
  return {
    sell(...ids: readonly string[]) {
      orders = [...orders, ...ids];
    },
    backUp(name: string, clockMs = noon): void {
      const own = { takenAt: new Date(clockMs).toISOString(), lastPosition: orders.length };
      const ordersAt = new Map(orders.map((id, index) => [index + 1, id]));
      const lastOrder = orders.at(-1) ?? null;
      const supersedes = [...findSuperseded(own, ordersAt, backups)];
      contents.set(name, orders);
      backups = [...backups, { name, ...own, lastOrder, supersedes }];
    },
    restore(name: string) {
      orders = contents.get(name) ?? assert.fail(name);
    },
    remove(...names: readonly string[]) {
      backups = backups.filter(({ name }) => !names.includes(name));
    },
    backups: () => backups,
    ordered: () => newestFirst(backups).map(({ name }) => name),
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
    shop.sell('x');
    shop.backUp('went on');
    assert.deepEqual(shop.ordered(), ['went on', 'restored', 'left behind', 'common']);
    assert.deepEqual(shop.others(), ['left behind']);
    shop.sell('y', 'z');
    shop.backUp('overtook');
    assert.deepEqual(shop.ordered().slice(0, 2), ['overtook', 'went on']);
    assert.deepEqual(shop.others(), ['left behind'], 'it still holds other orders');
    shop.remove('left behind');
    assert.deepEqual(shop.others(), []);
  });

  test('is told by position where older programs have written no history', () => {
    const old = { lastOrder: null, supersedes: [] };
    const first = { ...old, name: 'first', takenAt: '2026-11-26T12:00:00.000Z', lastPosition: 1 };
    const second = { ...old, name: 'second', takenAt: '2026-11-25T12:00:00.000Z', lastPosition: 2 };
    assert.deepEqual(newestFirst([first, second]), [second, first]);
    const own = { takenAt: '2026-11-25T13:00:00.000Z', lastPosition: 2 };
    assert.deepEqual(findSuperseded(own, new Map([[2, 'b']]), [first, second]), []);
  });

  test('is found among backups that contradict each other', () => {
    const entry = { takenAt: '2026-11-26T12:00:00.000Z', lastOrder: null };
    const one = { ...entry, name: 'one', lastPosition: 1, supersedes: ['two', 'one', 'gone'] };
    const two = { ...entry, name: 'two', lastPosition: 2, supersedes: ['one'] };
    assert.deepEqual(newestFirst([one, two]), [two, one]);
  });

  test(`supersedes ${supersededMax} at most, those of the highest positions`, () => {
    const earlier = Array.from({ length: supersededMax + 1 }, (_, index) => ({
      name: `b${index}`,
      takenAt: '2026-11-25T12:00:00.000Z',
      lastPosition: index + 2,
      lastOrder: null,
      supersedes: [],
    }));
    const own = { takenAt: '2026-11-25T13:00:00.000Z', lastPosition: 1 };
    const names = findSuperseded(own, new Map(), earlier);
    assert.equal(names.length, supersededMax);
    assert.equal(names[0], `b${supersededMax}`);
    assert.ok(!names.includes('b0'));
  });
});

test('whatever the clocks, the sales and the restores: the last backup is the newest, and rotation keeps it', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ sell: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 4, arbitrary: fc.record({ backUpAtMs: fc.integer({ min: 0, max: 4e12 }) }) },
    { weight: 1, arbitrary: fc.record({ restore: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ keep: fc.record({ last: fc.integer({ min: 1, max: 3 }) }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const shop = aShop();
      let nth = 0;
      for (const one of steps) {
        const all = shop.backups();
        if ('sell' in one) for (let i = 0; i < one.sell; i += 1) shop.sell(`order ${nth++}`);
        else if ('restore' in one && all.length > 0) shop.restore(all[one.restore % all.length]?.name ?? '');
        else if ('keep' in one) {
          const ordered = newestFirst(all).map(({ name, takenAt }) => ({
            name,
            takenAtMs: Date.parse(takenAt),
            isVerified: true,
          }));
          shop.remove(...expired(ordered, one.keep as KeepRule).map(({ name }) => name));
          assert.equal(shop.ordered()[0], all.at(-1)?.name);
        } else if ('backUpAtMs' in one) {
          const name = `backup ${nth++}`;
          shop.backUp(name, one.backUpAtMs);
          assert.equal(shop.ordered()[0], name);
          const held = new Set(shop.contents(name));
          const missing = shop
            .backups()
            .filter((other) => shop.contents(other.name).some((id) => !held.has(id)));
          assert.deepEqual(shop.others().toSorted(), missing.map((other) => other.name).toSorted());
        }
      }
    }),
  );
});
