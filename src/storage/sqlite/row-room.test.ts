import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EventContent } from '../../domain/order-event.ts';
import { withoutPersonalData } from '../../domain/order-event.ts';
import { eventText } from './row-room.ts';

const reason = fc.option(fc.string({ maxLength: 4, unit: 'grapheme' }), { nil: null });
const bytesOf = (text: string) => Buffer.byteLength(text);

test('the text of an event is no shorter than the text that an erasure puts in its place', () => {
  fc.assert(
    fc.property(reason, reason, (one, other) => {
      const contents: readonly EventContent[] = [
        { type: 'order_cancelled', data: { reason: one } },
        { type: 'order_returned', data: { lines: [], restock: true, reason: one } },
        {
          type: 'order_shipped',
          data: { shipment: 1, lines: [], carrier: 'é', trackingNumber: one, trackingUrl: other },
        },
      ];
      for (const content of contents) {
        const text = eventText(content);
        assert.deepEqual(JSON.parse(text), content.data);
        assert.ok(bytesOf(text) >= bytesOf(JSON.stringify(withoutPersonalData(content).data)), text);
      }
    }),
  );
});
