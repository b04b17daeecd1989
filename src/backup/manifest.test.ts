import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createManifest, parseManifest } from './manifest.ts';

const sum = 'a'.repeat(64);
const name = 'nozama-20261125T120000000Z';

const manifest = createManifest({
  name,
  program: { version: '1.0.0', commit: null },
  schemaVersion: 1,
  shop: { firstReceipt: sum, firstOrder: sum },
  takenAt: '2026-11-25T12:00:00.000Z',
  orders: 1,
  lastPosition: 1,
  lastOrder: sum,
  sampledOrders: 'qqqq',
  supersedes: [],
  isVerified: true,
  database: { bytes: 1, sha256: sum, compressedBytes: 1, compressedSha256: sum },
  orderKey: null,
});

/** The fields that a format has beyond those of the one before. Change no line: add one. */
const fieldsSince: Readonly<Record<number, readonly string[]>> = {
  1: 'database format isVerified lastPosition name orderKey orders program schemaVersion takenAt'.split(' '),
  2: ['shop'],
  3: ['lastOrder', 'supersedes'],
  4: ['sampledOrders'],
};

const read = (changes: object) => parseManifest(JSON.stringify({ ...manifest, ...changes }), name);

describe('the manifest of a backup', () => {
  test('has a new format when it has a new field, which older programs would call damage', () => {
    assert.equal(manifest.format, Math.max(...Object.keys(fieldsSince).map(Number)));
    assert.deepEqual(Object.keys(manifest).sort(), Object.values(fieldsSince).flat().sort());
  });

  for (const format of [1, 2, 3]) {
    test(`is read as programs have written it in format ${format}`, () => {
      const absent = Object.entries(fieldsSince).flatMap(([since, fields]) =>
        Number(since) > format ? fields.map((field) => [field, undefined]) : [],
      );
      const old = read({ ...Object.fromEntries(absent), format });
      assert.equal(old.format, format);
      assert.equal(old.sampledOrders, null);
    });
  }

  test('is read in the format 3 that has samples already', () => {
    assert.equal(read({ format: 3 }).sampledOrders, 'qqqq');
  });

  test('of a later format is left to the newer program, whatever is in it', () => {
    assert.throws(() => read({ format: manifest.format + 1, news: 1 }), {
      message: `${name} has format 5, this program reads up to 4: restore it with the newer program that took it.`,
    });
    assert.throws(() => read({ news: 1 }), /is damaged/);
  });
});
