import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConnectionSlot, createConnectionSlot, createOutage, retryMaxMs } from './connection-slot.ts';
import { createExclusivePool } from './exclusive-pool.ts';

interface NamedConnection {
  readonly name: string;
  isOpen(): boolean;
  close(): Promise<void>;
}

function aConnection(name: string): NamedConnection {
  return { name, isOpen: () => true, close: async () => undefined };
}

/** A slot that opens as the test says. */
function aSlot(name: string) {
  const state = { isAvailable: true, asked: 0 };
  const slot: ConnectionSlot<NamedConnection> = {
    isAvailable: () => state.isAvailable,
    async connect() {
      state.asked += 1;
      if (!state.isAvailable) throw new Error(`${name} is away`);
      return aConnection(name);
    },
    close: async () => undefined,
  };
  return { slot, state };
}

const nameOf = async ({ name }: NamedConnection) => name;

describe('the exclusive pool', () => {
  it('passes over a slot that would refuse at once, whichever was given back last', async () => {
    const [well, ill] = [aSlot('well'), aSlot('ill')];
    const pool = createExclusivePool([well.slot, ill.slot]);
    assert.equal(await pool.withConnection(nameOf), 'ill', 'the last one first');
    ill.state.isAvailable = false;
    for (let i = 0; i < 5; i += 1) assert.equal(await pool.withConnection(nameOf), 'well');
  });

  it('waits for a good slot rather than take one that refuses, and refuses when none is good', async () => {
    const [well, ill] = [aSlot('well'), aSlot('ill')];
    ill.state.isAvailable = false;
    const pool = createExclusivePool([ill.slot, well.slot]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => pool.withConnection(nameOf)));
    assert.deepEqual(answers, ['well', 'well', 'well', 'well']);
    well.state.isAvailable = false;
    const refused = await Promise.allSettled([1, 2, 3, 4].map(() => pool.withConnection(nameOf)));
    assert.deepEqual(
      refused.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected', 'rejected'],
    );
    ill.state.isAvailable = true;
    assert.equal(await pool.withConnection(nameOf), 'ill');
  });

  it('gives each connection to one at a time', async () => {
    const pool = createExclusivePool([aSlot('a').slot, aSlot('b').slot]);
    const using = new Map<string, number>();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        pool.withConnection(async (connection) => {
          const name = await nameOf(connection);
          using.set(name, (using.get(name) ?? 0) + 1);
          assert.equal(using.get(name), 1);
          await new Promise((resolve) => setImmediate(resolve));
          using.set(name, 0);
        }),
      ),
    );
    assert.equal(using.size, 2);
  });
});

describe('who waits for the exclusive pool', () => {
  it('is served before one who came later, also when a slot came free without anybody being told', async () => {
    const [busy, ill] = [aSlot('busy'), aSlot('ill')];
    const pool = createExclusivePool([ill.slot, busy.slot]);
    const served: string[] = [];
    let release: () => void = () => undefined;
    const held = pool.withConnection(() => new Promise<void>((resolve) => (release = resolve)));
    ill.state.isAvailable = false;
    const first = pool.withConnection(async () => served.push('first'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(served.join(), '', 'it waits for the busy one');
    ill.state.isAvailable = true;
    const second = pool.withConnection(async () => served.push('second'));
    await Promise.all([first, second]);
    assert.deepEqual(served, ['first', 'second']);
    release();
    await held;
  });

  it('is woken when an outage ends, not only when a connection is given back', {
    timeout: 5_000,
  }, async () => {
    let isUp = true;
    const outage = createOutage(Date.now, () => 1);
    const open = async () => {
      if (!isUp) throw new Error('down');
      return aConnection('any');
    };
    const [one, other, elsewhere] = [1, 2, 3].map(() => createConnectionSlot({ open, outage }));
    assert.ok(one && other && elsewhere);
    const pool = createExclusivePool([other, one], outage);
    let release: () => void = () => undefined;
    const held = pool.withConnection(() => new Promise<void>((resolve) => (release = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    isUp = false;
    await assert.rejects(elsewhere.connect(), /down/);
    let isServed = false;
    const waiting = pool.withConnection(async () => {
      isServed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!isServed, 'the other slot would refuse, so it waits for the one that works');
    isUp = true;
    outage.ended();
    await waiting;
    release();
    await held;
  });
});

describe('an outage', () => {
  it('is over for all slots once one gets through, and until then they ask seldom', async () => {
    let nowMs = 0;
    let isUp = false;
    let attempts = 0;
    const outage = createOutage(
      () => nowMs,
      () => 0.5,
    );
    const open = async () => {
      attempts += 1;
      if (!isUp) throw new Error('down');
      return aConnection('any');
    };
    const slots = [1, 2, 3].map(() => createConnectionSlot({ open, outage }));
    for (; nowMs < 20_000; nowMs += 10) {
      for (const slot of slots) await assert.rejects(slot.connect(), /down/);
    }
    assert.ok(attempts > 5 && attempts < 40, `${attempts} attempts in 20 s`);
    isUp = true;
    nowMs += retryMaxMs;
    for (const slot of slots) await slot.connect();
    assert.ok(slots.every((slot) => slot.isAvailable()));
  });
});
