/** The connection is cut while steps of orders are written: each step is taken once, and told once to the audit log. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CutPoint } from '../../lab/postgres/cutting-proxy.ts';
import { aStep, aSubmission } from '../builders.ts';
import { assertVerifiesClean, kindsOf, onHandOf, readWholeLog } from '../order-store/opened-store.ts';
import { postgresMissing } from './postgres-databases.ts';
import { stock, withProxiedStore } from './proxied-store.ts';

const missing = await postgresMissing();
const commit = 'COMMIT\0';

const points: Readonly<Record<string, CutPoint>> = {
  'before the events are written': { when: 'before', marker: 'insert-events' },
  'when the counters are lowered': { when: 'sent', marker: 'take-popularity' },
  'before the audit entries are written': { when: 'before', marker: 'append-audit' },
  'when COMMIT is sent': { when: 'sent', marker: commit },
  'when COMMIT has taken effect': { when: 'answered', marker: commit, answer: commit },
};

const rounds = 3;

describe('a connection to PostgreSQL that is cut during steps', { skip: missing ?? false }, () => {
  for (const [where, point] of Object.entries(points)) {
    test(`${where}: each step is taken once, and has one audit entry`, () =>
      withProxiedStore(async ({ store, proxy, other }) => {
        const logged = (await readWholeLog(other)).length;
        for (let round = 0; round < rounds; round += 1) {
          const [first, second] = [aSubmission(), aSubmission()];
          assert.deepEqual(kindsOf(await store.commitBatch([first, second])), ['placed', 'placed']);
          proxy.cutAt(point);
          const outcomes = await store.commitBatch([
            aStep({ orderId: first.orderId }),
            aStep({ orderId: second.orderId, step: { name: 'cancel', reason: null } }),
            aSubmission(),
          ]);
          assert.equal(proxy.cuts(), round + 1, 'it was cut');
          assert.deepEqual(kindsOf(outcomes), ['stepped', 'stepped', 'placed']);
          const { length: events } = (await other.findOrderWithEvents(second.orderId))?.events ?? [];
          assert.equal(events, 1);
        }
        const entries = await other.access.readAudit(null, 100);
        assert.deepEqual(
          entries.map(({ action }) => action),
          Array.from({ length: rounds }, () => ['order.cancel', 'order.pack']).flat(),
        );
        assert.equal((await readWholeLog(other)).length, logged + 5 * rounds);
        assert.equal(await onHandOf(other, 'tent-4p'), stock - 1 - 2 * rounds);
        await assertVerifiesClean(other);
      }));
  }
});
