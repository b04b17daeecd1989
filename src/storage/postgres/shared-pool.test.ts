import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionFailedError, ConnectionLostError } from '../server/connection-errors.ts';
import type { ConnectionSlot } from '../server/connection-slot.ts';
import type { Connection } from './connection.ts';
import { createSharedPool } from './shared-pool.ts';

/** A slot that opens as the test says; what goes over its connection is no matter here. */
function aSlot(name: string) {
  const state: { isAvailable: boolean; asked: number; fails: Error | null; loses: Error | null } = {
    isAvailable: true,
    asked: 0,
    fails: null,
    loses: null,
  };
  const connection = {
    isOpen: () => true,
    async send() {
      if (state.loses !== null) throw state.loses;
      return [name];
    },
    close: async () => undefined,
  };
  const slot: ConnectionSlot<Connection> = {
    isAvailable: () => state.isAvailable,
    async connect() {
      state.asked += 1;
      if (!state.isAvailable) throw new Error(`${name} is away`);
      if (state.fails !== null) throw state.fails;
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

  it('asks another connection when an attempt fails that began before the server was back', async () => {
    const [well, ill] = [aSlot('well'), aSlot('ill')];
    const pool = createSharedPool([ill.slot, well.slot]);
    ill.state.fails = new ConnectionFailedError('starting up');
    assert.equal(await pool.ask({ text: '' }), 'well');
    assert.equal(ill.state.asked, 1, 'it was asked first');
  });

  it('fails with what the last connection says, and asks no other once a statement was sent', async () => {
    const [one, other] = [aSlot('one'), aSlot('other')];
    const pool = createSharedPool([one.slot, other.slot]);
    one.state.fails = new ConnectionFailedError('away');
    other.state.fails = new ConnectionFailedError('away, too');
    await assert.rejects(pool.ask({ text: '' }), /away, too/);
    one.state.fails = null;
    one.state.loses = new ConnectionLostError('no answer for 15 s');
    const before = other.state.asked;
    await assert.rejects(pool.ask({ text: '' }), /no answer/);
    assert.equal(other.state.asked, before);
  });
});
