import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOrderIds, orderIdPattern } from './order-ids.ts';

describe('order ids', () => {
  it('are UUIDs of version 7 that hold the time they were made', () => {
    const newId = createOrderIds(() => 0x0199_1234_5678);
    const id = newId();
    assert.match(id, orderIdPattern);
    assert.equal(id.slice(0, 13), '01991234-5678');
  });

  it('never repeat, also across two makers at the same millisecond', () => {
    const makers = [createOrderIds(() => 1), createOrderIds(() => 1)];
    const ids = new Set<string>();
    for (let i = 0; i < 20_000; i += 1) for (const newId of makers) ids.add(newId());
    assert.equal(ids.size, 40_000);
  });

  it('made later sort later', () => {
    let now = 1_700_000_000_000;
    const newId = createOrderIds(() => now);
    const earlier = newId();
    now += 1;
    assert.ok(newId() > earlier);
  });
});
