import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConnectionSlot, createOutage, type ServerConnection } from './connection-slot.ts';

const connection: ServerConnection = { isOpen: () => true, close: async () => undefined };

/** A slot whose attempts end as the test says, in their turn. */
function aSlot(outage: ReturnType<typeof createOutage>) {
  const attempts: PromiseWithResolvers<ServerConnection>[] = [];
  const open = () => {
    const attempt = Promise.withResolvers<ServerConnection>();
    attempts.push(attempt);
    return attempt.promise;
  };
  return { slot: createConnectionSlot({ open, outage }), attempts };
}

const anOutage = () =>
  createOutage(
    () => 0,
    () => 0,
  );

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** An attempt that fails after one that began later got through. */
async function anAttemptOvertaken() {
  const outage = anOutage();
  const [early, late] = [aSlot(outage), aSlot(outage)];
  const waiting = early.slot.connect();
  const through = late.slot.connect();
  late.attempts[0]?.resolve(connection);
  await through;
  early.attempts[0]?.reject(new Error('the database system is starting up'));
  await settle();
  return { outage, early, waiting };
}

describe('a slot for a connection', () => {
  it('tries once more when its attempt fails after another slot got through', async () => {
    const { outage, early, waiting } = await anAttemptOvertaken();
    assert.equal(early.attempts.length, 2);
    assert.equal(outage.current(), null, 'the server is there');
    early.attempts[1]?.resolve(connection);
    assert.equal(await waiting, connection);
  });

  it('tries no more when nobody got through meanwhile, and its caller and all others learn why', async () => {
    const outage = anOutage();
    const [one, other] = [aSlot(outage), aSlot(outage)];
    const waiting = one.slot.connect();
    one.attempts[0]?.reject(new Error('nobody listens'));
    await assert.rejects(waiting, /nobody listens/);
    assert.equal(one.attempts.length, 1);
    assert.equal(other.slot.isAvailable(), false);
    await assert.rejects(other.slot.connect(), /nobody listens/);
  });

  it('gives up when the second attempt fails, too', async () => {
    const { early, waiting } = await anAttemptOvertaken();
    early.attempts[1]?.reject(new Error('too many clients'));
    await assert.rejects(waiting, /too many clients/);
    assert.equal(early.attempts.length, 2);
  });
});
