import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inFolder } from '../../test/journeys/open-shop.ts';
import { type LedgerLine, openLedger } from './ledger-files.ts';
import { createLineIndex, hashText } from './line-index.ts';
import { differenceFrom, readSentOrder } from './sent-order.ts';

describe('ledger files', () => {
  it('are read line by line over their chunks, and again at any place', async () => {
    await inFolder(async (folder) => {
      const written: string[] = [];
      for (const worker of [0, 1, 2]) {
        // Bodies of up to 40 kB, so that lines lie across the chunks of 1 MiB in many ways.
        const lines = Array.from({ length: 150 }, (_, i) => {
          const key = `key-${worker}-${i}`;
          return `${key}\t0\t\t\t{"customer_name":"Zoë ${'☂'.repeat((i * 977) % 13_000)}"}`;
        });
        written.push(...lines);
        const isCut = worker === 1;
        writeFileSync(join(folder, `ledger-${worker}.tsv`), `${lines.join('\n')}\n${isCut ? 'key\t2' : ''}`);
      }
      const ledger = openLedger(folder);
      const reading = ledger.read();
      const lines: LedgerLine[] = [];
      for (let line = reading.next(); line !== null; line = reading.next()) lines.push(line);
      assert.deepEqual(
        lines.map(({ key, status, body }) => `${key}\t${status}\t\t\t${body}`),
        written,
      );
      assert.deepEqual([reading.damaged(), reading.cutOff()], [0, 1]);
      for (const { location, ...entry } of lines) assert.deepEqual(ledger.entryAt(location), entry);
      assert.throws(() => ledger.entryAt(1e12), RangeError);
      ledger.close();
    });
  });
});

describe('a line index', () => {
  it('finds every line by its text, and no other', () => {
    const index = createLineIndex();
    const texts = Array.from({ length: 20_000 }, (_, i) => `order-${i}`);
    const find = (text: string) => index.find(hashText(text), (location) => texts[location] === text);
    for (const [location, text] of texts.entries()) {
      assert.equal(find(text), -1);
      index.add(hashText(text), location);
    }
    for (const [location, text] of texts.entries()) assert.equal(find(text), location);
    assert.equal(new Set(index.locations()).size, texts.length);
  });

  it('does not take one text for another with the same hash', () => {
    const index = createLineIndex();
    const hash = { high: 1, low: 1 };
    index.add(hash, 1);
    index.add(hash, 2);
    assert.equal(
      index.find(hash, (location) => location === 2),
      2,
    );
    assert.equal(
      index.find(hash, () => false),
      -1,
    );
  });
});

describe('an order and what was sent', () => {
  const body = {
    customer_name: ' Zoe\u0308 ',
    street_address: '1 Way',
    state: 'TX',
    zip_code: '78701',
    lines: [
      { sku: 'mug', quantity: 1 },
      { sku: 'tent', quantity: 2 },
      { sku: 'mug', quantity: 3 },
    ],
  };
  const sent = readSentOrder(JSON.stringify(body));
  const line = (sku: string, quantity: number, price: number) => ({
    sku,
    quantity,
    unit_price: { amount: price },
    line_total: { amount: quantity * price },
  });
  const order = {
    order_id: 'o-1',
    lines: [line('mug', 4, 5), line('tent', 2, 100)],
    total: { amount: 220 },
    shipping: {
      customer_name: 'Zo\u00eb',
      street_address: '1 Way',
      city: null,
      state: 'TX',
      zip_code: '78701',
      email: null,
    },
  };
  const difference = (given: object) =>
    sent && differenceFrom(sent, JSON.stringify({ ...order, ...given }), 'o-1');

  it('are the same after trimming, Unicode NFC and adding up lines', () => {
    assert.equal(difference({}), null);
  });

  it('differ in what is named first', () => {
    const shipping = { ...order.shipping, city: 'Austin' };
    assert.equal(difference({ shipping }), 'city is "Austin", sent was null');
    assert.equal(difference({ order_id: 'o-2' }), 'order_id is "o-2", asked for was "o-1"');
    assert.equal(difference({ lines: [line('mug', 4, 5)] }), 'lines are 4 × mug, sent was 4 × mug, 2 × tent');
    assert.equal(difference({ total: { amount: 1 } }), 'the total is 1, not 220');
    const lines = [{ ...line('mug', 4, 5), line_total: { amount: 19 } }, line('tent', 2, 100)];
    assert.equal(difference({ lines }), 'mug comes to 19, not to 20');
    assert.equal(difference({ shipping: undefined }), 'customer_name is null, sent was "Zoë"');
    assert.equal(sent && differenceFrom(sent, 'gone', 'o-1'), 'it is not JSON');
  });

  it('need an order that was sent', () => {
    for (const text of ['', 'null', '{}', '{"lines":[]}', '{"lines":[null]}', '[]'])
      assert.equal(readSentOrder(text), null, text);
  });
});
