/** The work of a writer of the lake from the first order to the last, and what has to be there afterwards. */
import assert from 'node:assert/strict';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { compactDay } from '../../src/events/lake/compact-day.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { writeCheckpoint } from '../../src/events/lake/write-checkpoint.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { countTo, ordersOptions, positionsIn, type SmallShop, writeOrders } from './small-shop.ts';

/** A writer's whole work: all orders, a checkpoint, the files of a day made one. */
export async function work(files: ObjectStore, shop: SmallShop, step: number): Promise<void> {
  const session = openSession(ordersOptions(files, shop));
  await writeOrders(session, shop, step);
  const { state } = await readNewest(session);
  await writeCheckpoint(files, state, Date.UTC(2026, 11, 1));
  await compactDay(session, '2026-11-30');
}

/** Positions once each, and commits that follow each other without a gap. */
export async function assertWhole(files: ObjectStore, shop: SmallShop): Promise<void> {
  assert.deepEqual(await positionsIn(files), countTo(shop.length));
  assert.deepEqual(await readCommitChain(files), { after: 0, through: shop.length, breaks: [] });
}
