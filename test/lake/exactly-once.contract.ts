/** Each order stands in a table once, in every kind of store: a real server of others' making, and a folder. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import type { StartedStore } from '../object-stores/object-store.contract.ts';
import { withProxy } from '../object-stores/through-a-proxy.ts';
import { type Break, breakAt, interruptAt, Killed } from './broken-objects.ts';
import { aShop } from './small-shop.ts';
import { assertWhole, work } from './whole-work.ts';

export interface LakeStoreKind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<StartedStore>;
  /** The request that creates an object; null for a store without requests. */
  readonly creating: RegExp | null;
}

/** Tables that are written at a time: most of the time is spent on waiting for the server. */
const tablesAtOnce = 4;

export function describeExactlyOnce({ name, skip, start, creating }: LakeStoreKind): void {
  describe(`a lake in ${name}`, { skip }, () => {
    let started: StartedStore;
    let root: ObjectStore;
    before(async () => {
      if (skip !== false) return;
      started = await start();
      root = openObjectStore(started.address, 'LAKE_URL', { environment: started.environment });
    });
    after(async () => started?.[Symbol.asyncDispose]());

    const shop = aShop(20);
    /** Of which nothing is there. */
    const aPlace = () => storeBelow(root, `${randomUUID()}/orders`);

    /** @returns what was called at the step; null when the work has fewer */
    async function breakAndGoOn(step: number, how: Break): Promise<string | null> {
      const files = aPlace();
      const broken = breakAt(files, step, how);
      await work(broken.files, shop, 9).catch((error) => assert.ok(error instanceof Killed, error));
      await work(files, shop, 9);
      await assertWhole(files, shop);
      return broken.called();
    }

    it('has each order once when its writer is killed at any step, and starts again', async () => {
      let creations = 0;
      await forEachStep(async (step) => {
        const called = await breakAndGoOn(step, 'before');
        await breakAndGoOn(step, 'after');
        if (called === 'create') {
          creations += 1;
          for (const how of ['answer_lost', 'request_lost'] as const) await breakAndGoOn(step, how);
        }
        return called !== null;
      });
      assert.ok(creations >= 4, `${creations} versions`);
    });

    it('has each order once when another writer does all its work before any step', async () => {
      await forEachStep(async (step) => {
        const files = aPlace();
        const other = interruptAt(files, step, () => work(files, shop, 7));
        await work(other.files, shop, 9);
        await assertWhole(files, shop);
        return other.hasBroken();
      });
    });

    it('has each order once when three write at the same time', async () => {
      for (let round = 0; round < 4; round += 1) {
        const files = aPlace();
        await Promise.all([2, 3, 5].map((step) => work(files, shop, step)));
        await assertWhole(files, shop);
      }
    });

    if (creating === null) return;
    it('has each order once when two write at the same time, and the network loses answers and requests', async () => {
      await withProxy(started, async (proxy, open) => {
        for (const disturbance of ['lose answer', 'lose request'] as const) {
          const table = `${randomUUID()}/orders`;
          const files = storeBelow(root, table);
          const seen = proxy.disturb(disturbance, creating, 3);
          // Both through the proxy: else the other may do all the work.
          await Promise.all([3, 4].map((step) => work(storeBelow(open(), table), shop, step)));
          await assertWhole(files, shop);
          assert.ok(seen.count > 0, disturbance);
        }
      });
    });
  });
}

/** @param run for one step after the other, some at a time, until it says that there is none */
async function forEachStep(run: (step: number) => Promise<boolean>): Promise<void> {
  for (let step = 0; ; step += tablesAtOnce) {
    const reached = await Promise.all(Array.from({ length: tablesAtOnce }, (_, index) => run(step + index)));
    if (reached.includes(false)) return;
  }
}
