import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { expired, type KeepRule, parseKeepRule, type StoredBackup } from './rotation.ts';

const at = (time: string, isVerified = true): StoredBackup => ({
  name: `nozama-${time}`,
  takenAtMs: Date.parse(time),
  lastPosition: 0,
  isVerified,
});
const times = (backups: readonly StoredBackup[]) => backups.map(({ name }) => name.slice('nozama-'.length));
/** Backups are written down oldest first here. */
const expiredOf = (oldestFirst: readonly StoredBackup[], rule: KeepRule) =>
  expired(oldestFirst.toReversed(), rule, oldestFirst.at(-1)?.name ?? '');

describe('the rule by which backups are kept', () => {
  test('is read', () => {
    assert.deepEqual(parseKeepRule('24h,7d, 8w,12m'), { h: 24, d: 7, w: 8, m: 12 });
    assert.deepEqual(parseKeepRule('10'), { last: 10 });
    assert.deepEqual(parseKeepRule('3,1d'), { last: 3, d: 1 });
    for (const wrong of ['', '0', '0d', '-1', 'd', '7y', '1d,2d', '7d;8w', '1.5d', '10001', '100000d', '7 d'])
      assert.equal(parseKeepRule(wrong), null, wrong);
  });

  test('keeps the newest of each hour, day, week and month', () => {
    const backups = [
      '2026-01-31T23:00:00Z',
      '2026-02-01T00:00:00Z',
      '2026-02-01T10:00:00Z',
      '2026-02-01T10:45:00Z',
      '2026-02-01T23:59:59.999Z',
      '2026-02-02T00:00:00Z',
    ].map((time) => at(time));
    const left = (rule: KeepRule) => {
      const gone = new Set(expiredOf(backups, rule));
      return times(backups.filter((backup) => !gone.has(backup)));
    };
    assert.deepEqual(left({ last: 2 }), ['2026-02-01T23:59:59.999Z', '2026-02-02T00:00:00Z']);
    assert.deepEqual(left({ h: 3 }), [
      '2026-02-01T10:45:00Z',
      '2026-02-01T23:59:59.999Z',
      '2026-02-02T00:00:00Z',
    ]);
    assert.deepEqual(left({ d: 2 }), ['2026-02-01T23:59:59.999Z', '2026-02-02T00:00:00Z']);
    // 2026-02-02 is a Monday.
    assert.deepEqual(left({ w: 2 }), ['2026-02-01T23:59:59.999Z', '2026-02-02T00:00:00Z']);
    assert.deepEqual(left({ w: 1 }), ['2026-02-02T00:00:00Z']);
    assert.deepEqual(left({ m: 2 }), ['2026-01-31T23:00:00Z', '2026-02-02T00:00:00Z']);
  });

  test('counts only hours, days and weeks that have a backup', () => {
    const backups = ['2025-01-01T00:00:00Z', '2025-06-01T00:00:00Z', '2026-01-01T00:00:00Z'].map((time) =>
      at(time),
    );
    assert.deepEqual(times(expiredOf(backups, { d: 2 })), ['2025-01-01T00:00:00Z']);
  });

  test('never lets the newest go, nor the newest that was verified', () => {
    const backups = [
      at('2026-01-01T00:00:00Z'),
      at('2026-01-02T00:00:00Z'),
      at('2026-01-03T00:00:00Z', false),
      at('2026-01-04T00:00:00Z', false),
    ];
    assert.deepEqual(times(expiredOf(backups, { last: 1 })), [
      '2026-01-01T00:00:00Z',
      '2026-01-03T00:00:00Z',
    ]);
  });

  test('never lets the one go that was just made, though another is newer', () => {
    const all = ['2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'].map((time) =>
      at(time),
    );
    const fresh = all[1]?.name ?? '';
    assert.deepEqual(times(expired(all, { last: 1 }, fresh)), ['2026-01-01T00:00:00Z']);
  });

  test('whatever the backups and the rule: those four stay, as do enough, and a second look removes nothing', () => {
    const backups = fc
      .array(
        fc.record({
          takenAtMs: fc.integer({ min: 0, max: 4e12 }),
          isVerified: fc.boolean(),
          lastPosition: fc.nat(9),
        }),
        {
          maxLength: 60,
        },
      )
      .map((list) => list.map((one, index) => ({ ...one, name: `b${index}` })));
    const counts = fc.integer({ min: 1, max: 6 });
    const rules = fc.record(
      { last: counts, h: counts, d: counts, w: counts, m: counts },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(backups, rules, fc.nat(), (all, rule, nth) => {
        const fresh = all[nth % all.length]?.name ?? '';
        const gone = new Set(expired(all, rule as KeepRule, fresh));
        const left = all.filter((backup) => !gone.has(backup));
        assert.equal(left[0], all[0], 'the newest');
        assert.equal(
          left.some(({ name }) => name === fresh),
          all.length > 0,
          'the one that was just made',
        );
        const verified = (list: readonly StoredBackup[]) => list.filter(({ isVerified }) => isVerified);
        assert.equal(verified(left)[0], verified(all)[0], 'the newest that was verified');
        const furthest = (list: readonly StoredBackup[]) =>
          Math.max(0, ...list.map((one) => one.lastPosition));
        assert.equal(furthest(left), furthest(all), 'the one with the most orders');
        assert.ok(left.length >= Math.min(all.length, (rule as KeepRule).last ?? 0));
        assert.deepEqual(expired(left, rule as KeepRule, fresh), []);
      }),
    );
  });
});
