import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { centsMax } from '../../src/domain/money.ts';
import { orderNumberFirst } from '../../src/domain/order.ts';
import { joinStreetAddress } from '../../src/domain/street-address.ts';
import { usStates } from '../../src/domain/us-state.ts';
import { aProduct, aSubmission, orderIdOf } from '../builders.ts';
import { handIn, kindsOf, type OpenStore, onHandOf, place, readWholeLog, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', name: 'Tent', priceCents: 19_999, onHand: 2_000 });
const mug = aProduct({ sku: 'mug', name: 'Mug', priceCents: 1_250, onHand: 5 });

/** An engine that reads more slowly than they come must not drown in them. */
const readsUnderWayMax = 1_000;

export function describePlacing(openStore: OpenStore): void {
  describe('placing', () => {
    test('stores the order as it answers it', () =>
      withStore(openStore, [tent, mug], async (store, reopen) => {
        const submission = aSubmission({
          city: null,
          email: null,
          lines: [
            { sku: 'tent-4p', quantity: 2 },
            { sku: 'mug', quantity: 4 },
          ],
        });
        const { idempotency: _, ...asAsked } = submission;
        const expected = {
          ...asAsked,
          number: orderNumberFirst,
          status: 'placed',
          revision: 1,
          shipments: [],
          returns: [],
          lines: [
            { sku: 'tent-4p', name: 'Tent', quantity: 2, unitPriceCents: 19_999, lineTotalCents: 39_998 },
            { sku: 'mug', name: 'Mug', quantity: 4, unitPriceCents: 1_250, lineTotalCents: 5_000 },
          ],
          totalCents: 44_998,
        };
        assert.deepEqual(await place(store, submission), expected);
        assert.deepEqual(await store.findOrder(submission.orderId), expected);
        assert.deepEqual(await (await reopen()).findOrder(submission.orderId), expected);
      }));

    test('stores a second line of the street', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const streetAddress = joinStreetAddress({ street: '12 Analytical Way', secondLine: 'Apt 4' });
        const order = await place(store, aSubmission({ streetAddress }));
        assert.equal(order.streetAddress, streetAddress);
        assert.deepEqual(await store.findOrder(order.orderId), order);
        assert.deepEqual(await (await reopen()).findOrder(order.orderId), order);
      }));

    test('charges no other total than was expected, however often the price changes meanwhile', () =>
      withStore(openStore, [tent], async (store) => {
        const { onHand: _, ...catalogued } = tent;
        let isOver = false;
        const merchant = (async () => {
          for (let i = 0; !isOver; i += 1) {
            await store.saveProducts([{ ...catalogued, priceCents: i % 2 === 0 ? 29_999 : tent.priceCents }]);
          }
        })();
        const seen = new Set<string>();
        for (let i = 0; i < 60; i += 1) {
          const expectedTotalCents = 2 * (i % 3 === 0 ? 29_999 : tent.priceCents);
          const lines = [{ sku: 'tent-4p', quantity: 2 }];
          const outcome = await handIn(store, aSubmission({ lines, expectedTotalCents }));
          seen.add(outcome.kind);
          if (outcome.kind === 'placed') assert.equal(outcome.order.totalCents, expectedTotalCents);
          else assert.ok(outcome.kind === 'price_changed' && outcome.totalCents !== expectedTotalCents);
        }
        isOver = true;
        await merchant;
        assert.deepEqual(seen, new Set(['placed', 'price_changed']));
      }));

    test('finds no order that was never placed', () =>
      withStore(openStore, [mug], async (store) => {
        const refused = aSubmission({ lines: [{ sku: 'mug', quantity: 6 }] });
        assert.equal((await handIn(store, refused)).kind, 'out_of_stock');
        for (const orderId of [refused.orderId, orderIdOf(999_999_999), '', 'no-id', "' OR 1=1 --"]) {
          assert.equal(await store.findOrder(orderId), null);
          assert.equal(await store.findConfirmation(orderId, 3), null);
        }
        for (const number of [0, orderNumberFirst, Number.MAX_SAFE_INTEGER])
          assert.equal(await store.findHistoryByNumber(number), null);
      }));

    test('an empty batch changes nothing', () =>
      withStore(openStore, [tent], async (store) => {
        assert.deepEqual(await store.commitBatch([]), []);
        assert.deepEqual(await readWholeLog(store), []);
        assert.equal((await place(store, aSubmission())).number, orderNumberFirst);
      }));

    test('a batch of 1,000 is answered in its order', () =>
      withStore(openStore, [tent], async (store) => {
        const batch = Array.from({ length: 1_000 }, () => aSubmission());
        const outcomes = await store.commitBatch(batch);
        assert.deepEqual(
          outcomes.map(
            (outcome) => outcome.kind === 'placed' && [outcome.order.orderId, outcome.order.number],
          ),
          batch.map(({ orderId }, index) => [orderId, orderNumberFirst + index]),
        );
        assert.equal(await onHandOf(store, 'tent-4p'), 1_000);
        const last = batch[999];
        assert.equal((await store.findOrder(last?.orderId ?? ''))?.number, orderNumberFirst + 999);
      }));

    test('calls that overlap are each answered for their own, in their order', () =>
      withStore(openStore, [tent, mug], async (store) => {
        const batches = Array.from({ length: Math.min(40, store.commitsInFlightMax) }, (_, nth) =>
          Array.from({ length: 1 + (nth % 5) }, () => aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] })),
        );
        const answers = await Promise.all(batches.map((batch) => store.commitBatch(batch)));
        const placed = answers.flatMap((outcomes, nth) => {
          assert.equal(outcomes.length, batches[nth]?.length);
          return outcomes.flatMap((outcome, i) => {
            if (outcome.kind !== 'placed') return [];
            assert.equal(outcome.order.orderId, batches[nth]?.[i]?.orderId);
            return outcome.order;
          });
        });
        assert.equal(placed.length, Math.min(mug.onHand, batches.flat().length), 'exactly the stock is sold');
        for (const order of placed) assert.deepEqual(await store.findOrder(order.orderId), order);
        assert.equal(new Set(placed.map(({ number }) => number)).size, placed.length);
      }));

    test('what was answered is in every later reading', () =>
      withStore(openStore, [tent], async (store) => {
        const known = await place(store, aSubmission());
        // There are reads in every turn of the event loop, also in the turn in which a commit is answered.
        let isOver = false;
        const reading = new Set<Promise<unknown>>();
        const readOn = () => {
          if (isOver) return;
          if (reading.size < readsUnderWayMax) {
            const read = store.findConfirmation(known.orderId, 3).finally(() => reading.delete(read));
            reading.add(read);
          }
          setImmediate(readOn);
        };
        readOn();
        try {
          for (let i = 0; i < 20; i += 1) {
            const [outcome] = await store.commitBatch([aSubmission()]);
            assert.equal(await onHandOf(store, 'tent-4p'), tent.onHand - 2 - i);
            assert.ok(outcome?.kind === 'placed');
            assert.deepEqual(await store.findOrder(outcome.order.orderId), outcome.order);
            assert.equal((await store.findConfirmation(known.orderId, 3))?.topProducts[0]?.orders, 2 + i);
          }
        } finally {
          isOver = true;
          await Promise.all(reading);
        }
      }));

    test('one bad order fails alone', () =>
      withStore(openStore, [tent, mug], async (store) => {
        const batch = [
          aSubmission(),
          aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] }),
          aSubmission({
            lines: [
              { sku: 'tent-4p', quantity: 1 },
              { sku: 'mug', quantity: 6 },
            ],
          }),
          aSubmission({ lines: [{ sku: 'mug\0', quantity: 1 }] }),
          aSubmission(),
        ];
        const outcomes = await store.commitBatch(batch);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'rejected', 'out_of_stock', 'rejected', 'placed']);
        assert.deepEqual(
          await Promise.all(
            batch.map(async ({ orderId }) => (await store.findOrder(orderId))?.number ?? null),
          ),
          [orderNumberFirst, null, null, null, orderNumberFirst + 1],
        );
        assert.equal(await onHandOf(store, 'tent-4p'), 1_998);
        assert.equal(await onHandOf(store, 'mug'), 5);
      }));

    test('numbers go on where they were, over batches and a restart', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        await store.commitBatch([aSubmission(), aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] })]);
        assert.equal((await place(store, aSubmission())).number, orderNumberFirst + 1);
        const reopened = await reopen();
        assert.equal((await place(reopened, aSubmission())).number, orderNumberFirst + 2);
      }));

    test('an order keeps the name and price it was placed at', () =>
      withStore(openStore, [tent], async (store) => {
        const before = await place(store, aSubmission());
        const { onHand: _, ...dearer } = { ...tent, name: 'Tent Deluxe', priceCents: 29_999 };
        await store.saveProducts([dearer]);
        assert.deepEqual(await store.findOrder(before.orderId), before);
        const after = await place(store, aSubmission());
        assert.deepEqual(
          after.lines.map(({ name, unitPriceCents }) => ({ name, unitPriceCents })),
          [{ name: 'Tent Deluxe', unitPriceCents: 29_999 }],
        );
      }));

    test('takes 50 lines, and every state', () => {
      const shelf = Array.from({ length: 50 }, (_, index) => aProduct({ sku: `item-${index}` }));
      return withStore(openStore, shelf, async (store) => {
        // Not in the order of their SKUs: lines stay as they were asked for.
        const lines = shelf.toReversed().map(({ sku }, index) => ({ sku, quantity: index + 1 }));
        const big = await place(store, aSubmission({ lines }));
        assert.deepEqual(
          (await store.findOrder(big.orderId))?.lines.map(({ sku, quantity }) => ({ sku, quantity })),
          lines,
        );
        const everywhere = usStates.map((state) =>
          aSubmission({ state, lines: [{ sku: 'item-0', quantity: 1 }] }),
        );
        await store.commitBatch(everywhere);
        for (const { orderId, state } of everywhere) {
          assert.equal((await store.findOrder(orderId))?.state, state);
        }
      });
    });

    test('keeps every cent up to the bound', () => {
      const jewel = aProduct({ sku: 'jewel', priceCents: centsMax - 1, onHand: 10 });
      const cent = aProduct({ sku: 'cent', priceCents: 1, onHand: 10 });
      return withStore(openStore, [jewel, cent], async (store) => {
        const dear = await place(
          store,
          aSubmission({
            lines: [
              { sku: 'jewel', quantity: 1 },
              { sku: 'cent', quantity: 1 },
            ],
          }),
        );
        assert.equal(dear.totalCents, centsMax);
        assert.deepEqual(await store.findOrder(dear.orderId), dear);
        assert.equal((await store.findProduct('jewel'))?.priceCents, centsMax - 1);
        const tooDear = await handIn(store, aSubmission({ lines: [{ sku: 'jewel', quantity: 2 }] }));
        assert.deepEqual(tooDear, {
          kind: 'rejected',
          problems: [{ lineIndex: 0, sku: 'jewel', code: 'total_too_large' }],
        });
      });
    });

    for (const [what, text] of [
      ['emoji', '👩‍👩‍👧‍👦 Grüße 😀'],
      ['200 code points of two UTF-16 units', '😀'.repeat(200)],
      ['right to left', 'شارع الملك فهد ١٢ — רחוב הרצל'],
      ['quotes and backslashes', `O'Brien "Bob" \\ \`x\` '' ; DROP TABLE orders; --`],
      ['markup', '<script>alert(1)</script> &amp; %00 $1 ? ?1 :a @b'],
      ['the ends of the planes', '\ufffd\uffff\u{10000}\u{10ffff}'],
      ['format characters', 'a\u200db\u200ec\u00add\ufeffe'],
      ['what looks like a number, a null or a date', '0012.50e3'],
      ['what looks like a null', 'null'],
    ] as const) {
      test(`gives text back as it came: ${what}`, () =>
        withStore(openStore, [tent], async (store, reopen) => {
          const submission = aSubmission({
            customerName: text,
            streetAddress: text,
            city: text,
            email: text,
          });
          const placed = await place(store, submission);
          for (const order of [placed, await store.findOrder(submission.orderId)]) {
            assert.ok(order);
            const { customerName, streetAddress, city, email } = order;
            assert.deepEqual([customerName, streetAddress, city, email], [text, text, text, text]);
          }
          assert.deepEqual(await (await reopen()).findOrder(submission.orderId), placed);
        }));
    }

    test('a batch that crashes the decision leaves nothing behind, and the next one is taken', () =>
      withStore(openStore, [tent], async (store) => {
        const neighbour = aSubmission();
        await assert.rejects(store.commitBatch([neighbour, aSubmission({ lines: [] })]));
        assert.equal(await store.findOrder(neighbour.orderId), null);
        assert.equal(await onHandOf(store, 'tent-4p'), 2_000);
        assert.equal((await place(store, neighbour)).number, orderNumberFirst);
      }));

    test('what it answers is a copy: changing it, or the submission, changes nothing stored', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = { ...aSubmission(), lines: [{ sku: 'tent-4p', quantity: 1 }] };
        const placed = await place(store, submission);
        const before = structuredClone(placed);
        submission.customerName = 'Mallory';
        for (const line of submission.lines) line.quantity = 99;
        try {
          (placed as { totalCents: number }).totalCents = 0;
        } catch {
          // Frozen: as good as a copy.
        }
        assert.deepEqual(await store.findOrder(before.orderId), before);
      }));
  });
}
