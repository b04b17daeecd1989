import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spareRanks } from './ranking.ts';
import { isWithinSpare } from './ranking-debt.ts';

const countersOf = (state: 'TX' | 'CA', count: number) =>
  Array.from({ length: count }, (_, nth) => ({ state, sku: `sku-${nth}`, name: 'Mug', orders: 1, units: 1 }));

test('as many counters of a state may fall as there are ranks to spare, less those that are owed', () => {
  assert.ok(isWithinSpare(new Map(), countersOf('TX', spareRanks)));
  assert.ok(!isWithinSpare(new Map(), countersOf('TX', spareRanks + 1)));
  assert.ok(isWithinSpare(new Map([['TX', spareRanks - 1]]), countersOf('TX', 1)));
  assert.ok(!isWithinSpare(new Map([['TX', spareRanks]]), countersOf('TX', 1)));
});

test('states are looked at each by itself', () => {
  assert.ok(isWithinSpare(new Map([['CA', spareRanks]]), countersOf('TX', spareRanks)));
  assert.ok(isWithinSpare(new Map(), [...countersOf('TX', spareRanks), ...countersOf('CA', spareRanks)]));
  assert.ok(!isWithinSpare(new Map([['CA', 1]]), [...countersOf('TX', 1), ...countersOf('CA', spareRanks)]));
  assert.ok(isWithinSpare(new Map(), []));
});
