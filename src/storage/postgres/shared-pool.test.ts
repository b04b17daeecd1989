import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionSlot } from '../server/connection-slot.ts';
import type { Connection } from './connection.ts';
import { createSharedPool } from './shared-pool.ts';

/** A slot that opens as the test says; what goes over its connection is no matter here. */
function aSlot(name: string) {
  const state = { isAvailable: true, asked: 0 };
  const connection = { isOpen: () => true, send: async () => [name], close: async () => undefined };
  const slot: ConnectionSlot<Connection> = {
    isAvailable: () => state.isAvailable,
    async connect() {
      state.asked += 1;
      if (!state.isAvailable) throw new Error(`${name} is away`);
      return connection as unknown as Connection;
    },
    close: async () => undefined,
  };
  return { slot, state };
}

describe('the shared pool', () => {
  it('does not send everything to the slot that refuses, though it has the least to do', async () => {
    const [well, ill] = [aSlot('well'), aSlot('ill')];
    ill.state.isAvailable = false;
    const pool = createSharedPool([ill.slot, well.slot]);
    await Promise.all([1, 2, 3].map(() => pool.ask({ text: '' })));
    assert.equal(ill.state.asked, 0);
    well.state.isAvailable = false;
    await assert.rejects(pool.ask({ text: '' }));
  });
});
