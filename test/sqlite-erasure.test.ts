/**
 * Nothing of an erased person is left in the files of a SQLite shop: neither in the free part of a page, nor in a page
 * that is free, nor in the write-ahead log.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  carrierLengthMax,
  type Step,
  trackingNumberLengthMax,
  trackingUrlLengthMax,
} from '../src/domain/order-step.ts';
import { joinStreetAddress } from '../src/domain/street-address.ts';
import type { OrderStore } from '../src/storage/order-store.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { aParcel, aProduct, aStep, aSubmission, stockUp } from './builders.ts';
import { until } from './journeys/behind-the-service.ts';
import { inFolder } from './journeys/open-shop.ts';
import { assertVerifiesClean, place } from './order-store/opened-store.ts';

async function withStore(use: (store: OrderStore, file: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, 'nozama.db');
    await useStore(file, use);
  });
}

async function useStore(
  file: string,
  use: (store: OrderStore, file: string) => Promise<void>,
): Promise<void> {
  const store = await openSqliteStore({ file });
  try {
    await stockUp(store, [aProduct({ sku: 'tent-4p', onHand: 100_000 })]);
    await use(store, file);
  } finally {
    await store.close();
  }
}

/** Of the file, once no store of this process has it open: closing a file undoes SQLite's locks on it. */
async function contentAfter(use: (store: OrderStore) => Promise<void>): Promise<string> {
  let content = '';
  await inFolder(async (folder) => {
    const file = join(folder, 'nozama.db');
    await useStore(file, use);
    content = readFileSync(file).toString('utf8');
  });
  return content;
}

const logBytes = (file: string) => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** Long and short ones, so that a row that grows has to leave its page. */
const padding = fc.oneof(
  { weight: 9, arbitrary: fc.nat({ max: 12 }) },
  { weight: 1, arbitrary: fc.nat({ max: 180 }) },
);

const person = fc.tuple(padding, padding, fc.option(padding), fc.boolean());
type Person = typeof person extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function personOf(nth: number, [name, street, second, hasEmail]: Person) {
  return {
    customerName: `<n${nth}>${'x'.repeat(name)}`,
    streetAddress: joinStreetAddress({
      street: `<s${nth}>${'y'.repeat(street)}`,
      secondLine: second === null ? null : `<t${nth}>${'z'.repeat(second)}`,
    }),
    email: hasEmail ? `<e${nth}>@canary.example` : null,
  };
}

/** Which orders have a canary in the text. */
function canariesIn(text: string): ReadonlySet<number> {
  return new Set(Array.from(text.matchAll(/<[nster](\d+)>/g), ([, nth]) => Number(nth)));
}

/** One person after the other, and each time what happened to some of those before. */
async function liveThrough(store: OrderStore, seed: number, count: number): Promise<ReadonlySet<number>> {
  const draws = fc.sample(
    fc.tuple(person, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 9 })), { maxLength: 3 })),
    {
      numRuns: count,
      seed,
    },
  );
  const orderIds: string[] = [];
  const erased = new Set<number>();
  for (const [nth, [drawn, happenings]] of draws.entries()) {
    const submission = aSubmission(personOf(nth, drawn));
    orderIds.push(submission.orderId);
    const steps = happenings.map(([which, what]) => {
      const about = which % orderIds.length;
      if (what < 3) erased.add(about);
      const step =
        what < 3
          ? ({ name: 'erase' } as const)
          : what < 6
            ? ({ name: 'pack' } as const)
            : ({ name: 'cancel', reason: `<r${about}>` } as const);
      return aStep({ orderId: orderIds[about] ?? '', step });
    });
    await store.commitBatch([submission, ...steps]);
  }
  return erased;
}

const erase = { name: 'erase' } as const;

describe('the file of a shop', () => {
  test('has nothing of the persons that were erased among the orders of others', async () => {
    let erased: ReadonlySet<number> = new Set();
    const text = await contentAfter(async (store) => {
      erased = await liveThrough(store, 1, 800);
      await assertVerifiesClean(store);
    });
    const left = canariesIn(text);
    assert.ok(erased.size > 200, `${erased.size} are erased`);
    assert.deepEqual(
      [...erased].filter((nth) => left.has(nth)),
      [],
    );
    assert.equal(left.size, 800 - erased.size, 'the others are there');
  });

  test('has nothing of texts that were longer than a page', async () => {
    const long = 'https://carrier.example/';
    const shipment: Step = {
      name: 'ship',
      lines: null,
      carrier: '🎪'.repeat(carrierLengthMax),
      trackingNumber: '🎪'.repeat(trackingNumberLengthMax),
      trackingUrl: `${long.padEnd(trackingUrlLengthMax - 8, '山')}<r0>#end`,
    };
    const live = async (store: OrderStore, steps: readonly Step[]) => {
      const { orderId } = await place(store, aSubmission());
      for (const step of steps) await store.commitBatch([aStep({ orderId, step })]);
    };
    assert.match(await contentAfter((store) => live(store, [{ name: 'pack' }, shipment])), /<r0>#end/);
    assert.doesNotMatch(
      await contentAfter((store) => live(store, [{ name: 'pack' }, shipment, erase])),
      /<r0>|carrier\.example/,
    );
  });

  test('has rows of orders and events that never grow, so that no neighbour is moved and leaves a copy', () =>
    withStore(async (store, file) => {
      const people = [
        { customerName: 'A', streetAddress: '1', email: null },
        { customerName: 'é', streetAddress: '1 B', email: 'a@b.co', zipCode: '78701-1234' },
        {},
      ];
      // A revision of 128 or more takes a byte more than a smaller one.
      const units = 64;
      const shippedOneByOne = Array.from({ length: units }, (_, nth): readonly Step[] => [
        { name: 'ship', ...aParcel, lines: [{ sku: 'tent-4p', quantity: 1 }] },
        { name: 'deliver', shipment: nth + 1 },
      ]).flat();
      const lives: readonly (readonly Step[])[] = [
        [{ name: 'cancel', reason: 'a' }, erase],
        [{ name: 'pack' }, { name: 'ship', ...aParcel, trackingNumber: '1', trackingUrl: null }, erase],
        [erase, { name: 'pack' }, { name: 'cancel', reason: null }],
        [erase, { name: 'pack' }, ...shippedOneByOne],
        [{ name: 'pack' }, ...shippedOneByOne, erase],
        [
          { name: 'pack' },
          { name: 'ship', ...aParcel },
          { name: 'deliver', shipment: 1 },
          { name: 'return', lines: [{ sku: 'tent-4p', quantity: 1 }], restock: false, reason: 'é' },
          erase,
        ],
      ];
      const db = new DatabaseSync(file, { readOnly: true });
      const bytesOf = db.prepare('SELECT sum(payload) AS bytes FROM dbstat WHERE name = ?');
      try {
        for (const given of people) {
          for (const steps of lives) {
            const lines = [{ sku: 'tent-4p', quantity: units }];
            const { orderId } = await place(store, aSubmission({ lines, ...given }));
            let orders = bytesOf.get('orders')?.['bytes'];
            for (const step of steps) {
              const [outcome] = await store.commitBatch([aStep({ orderId, step })]);
              assert.equal(outcome?.kind, 'stepped');
              const now = bytesOf.get('orders')?.['bytes'];
              assert.ok(Number(now) <= Number(orders), `${JSON.stringify(step)}: ${orders} to ${now} bytes`);
              orders = now;
            }
          }
        }
      } finally {
        db.close();
      }
    }));

  test('that an older program has written gets its room by the statement of docs/PRIVACY.md', async () => {
    const document = readFileSync(new URL('../docs/PRIVACY.md', import.meta.url), 'utf8');
    const statement = /sqlite3 data\/nozama\.db "([^"]+)"/.exec(document)?.[1] ?? assert.fail('no statement');
    await withStore(async (store, file) => {
      for (const given of [{ customerName: 'A' }, { streetAddress: '1' }, { email: null }, {}])
        await place(store, aSubmission(given));
      const db = new DatabaseSync(file);
      const room = () => db.prepare('SELECT spare FROM orders ORDER BY number').all();
      const before = room();
      db.exec("UPDATE orders SET spare = ''");
      db.exec(statement);
      assert.deepEqual(room(), before);
      db.close();
      await assertVerifiesClean(store);
    });
  });

  test('takes steps of orders that an older program has placed, without room', () =>
    withStore(async (store, file) => {
      const { orderId } = await place(store, aSubmission({ customerName: 'A' }));
      const db = new DatabaseSync(file);
      db.exec("UPDATE orders SET spare = ''");
      db.close();
      for (const step of [{ name: 'cancel', reason: 'Ada' }, erase] as const)
        await store.commitBatch([aStep({ orderId, step })]);
      assert.equal((await store.findOrder(orderId))?.customerName, 'Erased');
      await assertVerifiesClean(store);
    }));
});

describe('the write-ahead log', () => {
  test('is cut soon after an erasure, while the shop is open', () =>
    withStore(async (store, file) => {
      const { orderId } = await place(store, aSubmission());
      await until(() => logBytes(file) === 0, 'the cut at the start');
      await store.commitBatch([aStep({ orderId, step: { name: 'cancel', reason: null } })]);
      assert.ok(logBytes(file) > 0);
      await store.commitBatch([aStep({ orderId, step: erase })]);
      await until(() => logBytes(file) === 0, 'an empty log');
      await assertVerifiesClean(store);
    }));

  test('is cut at the end of a program that has erased, while others have the shop open', () =>
    withStore(async (store, file) => {
      const { orderId } = await place(store, aSubmission());
      const other = await openSqliteStore({ file });
      await until(() => logBytes(file) === 0, 'the cut at the start');
      await store.commitBatch([aSubmission()]);
      await other.commitBatch([aStep({ orderId, step: erase })]);
      assert.ok(logBytes(file) > 0);
      await other.close();
      assert.equal(logBytes(file), 0);
    }));

  test('is cut later when a reader holds it, and commits go on meanwhile', () =>
    withStore(async (store, file) => {
      const { orderId } = await place(store, aSubmission());
      const reader = new DatabaseSync(file, { readOnly: true });
      reader.exec('BEGIN; SELECT count(*) FROM orders');
      await store.commitBatch([aStep({ orderId, step: erase })]);
      await store.commitBatch([aSubmission()]);
      assert.ok(logBytes(file) > 0);
      reader.close();
      await until(() => logBytes(file) === 0, 'an empty log');
    }));
});
