/** Each order stands in the table once, whatever breaks and whoever else writes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { appendRows } from '../../src/events/lake/append-rows.ts';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { formatActions, versionPath } from '../../src/events/lake/delta-actions.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { type Break, breakAt, delayCreation, interruptAt, Killed, takingTurns } from './broken-objects.ts';
import { type MemoryObjects, openMemoryObjects } from './memory-objects.ts';
import { aShop, countTo, ordersBetween, ordersOptions, positionsIn, writeOrders } from './small-shop.ts';
import { assertWhole, work } from './whole-work.ts';

describe('a writer that is killed', () => {
  for (const how of ['before', 'after', 'answer_lost', 'request_lost'] satisfies Break[]) {
    it(`at any step (${how}) has written each order once after it starts again`, async () => {
      const shop = aShop(40);
      let steps = 0;
      for (let step = 0; ; step += 1) {
        const files = openMemoryObjects();
        const broken = breakAt(files, step, how);
        await work(broken.files, shop, 9).catch((error) => assert.ok(error instanceof Killed, error));
        await work(files, shop, 9);
        await assertWhole(files, shop);
        if (!broken.hasBroken()) break;
        steps += 1;
      }
      assert.ok(steps > 30, `${steps} steps`);
    });
  }

  it('and whose request for a version arrives late, has written each order once', async () => {
    const shop = aShop(20);
    let tried = 0;
    for (let creation = 0; ; creation += 1) {
      let isReached = false;
      for (let step = 0; ; step += 1) {
        const files = openMemoryObjects();
        const late = delayCreation(files, creation);
        await work(late.files, shop, 9).catch((error) => assert.ok(error instanceof Killed, error));
        isReached = late.hasBroken();
        const next = interruptAt(files, step, () => late.arrive());
        await work(next.files, shop, 7);
        await assertWhole(files, shop);
        if (!isReached || !next.hasBroken()) break;
        tried += 1;
      }
      if (!isReached) break;
    }
    assert.ok(tried > 60, `${tried} arrivals`);
  });

  it('again and again, at random steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            step: fc.nat(40),
            how: fc.constantFrom<Break>('before', 'after', 'answer_lost', 'request_lost'),
          }),
          { maxLength: 12 },
        ),
        async (breaks) => {
          const shop = aShop(30);
          const files = openMemoryObjects();
          for (const { step, how } of breaks)
            await work(breakAt(files, step, how).files, shop, 4).catch((error) =>
              assert.ok(error instanceof Killed, error),
            );
          await work(files, shop, 4);
          await assertWhole(files, shop);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('two writers', () => {
  it('of which one does all its work before any step of the other', async () => {
    const shop = aShop(40);
    let steps = 0;
    for (let step = 0; ; step += 1) {
      const files = openMemoryObjects();
      const other = interruptAt(files, step, () => work(files, shop, 7));
      await work(other.files, shop, 9);
      await assertWhole(files, shop);
      if (!other.hasBroken()) break;
      steps += 1;
    }
    assert.ok(steps > 30, `${steps} steps`);
  });

  it('of which one appends once before any step of the other', async () => {
    const shop = aShop(40);
    for (let step = 0; ; step += 1) {
      const files = openMemoryObjects();
      const other = interruptAt(files, step, async () => {
        const session = openSession(ordersOptions(files, shop));
        const { position } = await readNewest(session);
        if (position < 40)
          await appendRows(session, ordersBetween(shop, position, Math.min(40, position + 5)));
      });
      await work(other.files, shop, 9);
      await assertWhole(files, shop);
      if (!other.hasBroken()) break;
    }
  });

  it('and a third, step by step in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 20, maxLength: 200 }), async (draws) => {
        const shop = aShop(40);
        const files = openMemoryObjects();
        let drawn = 0;
        const turns = () => {
          drawn += 1;
          return draws[drawn % draws.length] ?? 0;
        };
        await Promise.all([9, 5, 13].map((step) => work(takingTurns(files, turns), shop, step)));
        await assertWhole(files, shop);
      }),
      { numRuns: 60 },
    );
  });

  it('leave no file behind that no version names', async () => {
    const shop = aShop(40);
    for (let step = 0; ; step += 1) {
      const files = openMemoryObjects();
      const slow = interruptAt(files, step, () => work(files, shop, 40));
      await work(slow.files, shop, 9);
      const state = await readTable(files);
      const named = new Set([...(state?.files.keys() ?? []), ...(state?.removed.keys() ?? [])]);
      const stray = [...files.contents.keys()].filter(
        (path) => !path.startsWith('_delta_log/') && !named.has(path),
      );
      assert.deepEqual(stray, [], `step ${step}`);
      if (!slow.hasBroken()) break;
    }
  });
});

describe('a part of the log', () => {
  it('that is in the table already is not written again', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(10)];
    const session = openSession(ordersOptions(files, shop));
    assert.equal((await appendRows(session, ordersBetween(shop, 0, 6))).kind, 'appended');
    assert.deepEqual(await appendRows(session, ordersBetween(shop, 0, 6)), { kind: 'moved', position: 6 });
    assert.deepEqual(await appendRows(session, ordersBetween(shop, 7, 9)), { kind: 'moved', position: 6 });
    assert.deepEqual(await positionsIn(files), countTo(6));
  });

  it('without rows moves the position', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(10)];
    const session = openSession(ordersOptions(files, shop));
    const { rows } = ordersBetween(shop, 0, 0);
    const appended = await appendRows(session, { after: 0, through: 4, fact: shop.idAt(4), rows });
    assert.ok(appended.kind === 'appended' && appended.files.length === 0);
    assert.equal((await readNewest(openSession(ordersOptions(files, shop)))).position, 4);
  });

  it('that runs backwards, or has rows of another part, is a fault', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(10)];
    const session = openSession(ordersOptions(files, shop));
    await assert.rejects(appendRows(session, { ...ordersBetween(shop, 0, 1), through: 0 }), RangeError);
    await assert.rejects(appendRows(session, { ...ordersBetween(shop, 0, 5), through: 4 }), RangeError);
    await assert.rejects(
      appendRows(session, { ...ordersBetween(shop, 0, 5), rows: ordersBetween(shop, 3, 8).rows }),
      RangeError,
    );
    assert.deepEqual(await positionsIn(files), []);
  });
});

describe('the chain of commits', () => {
  /** As Spark does on S3. */
  const overwrite = (files: MemoryObjects, version: number) =>
    files.write(versionPath(version), formatActions([{ txn: { appId: 'another', version: 1n } }]));

  it('shows a version that somebody else has overwritten, and the table is refused', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(30)];
    await writeOrders(openSession(ordersOptions(files, shop)), shop, 10);
    await overwrite(files, 2);
    assert.deepEqual(await readCommitChain(files), {
      after: 0,
      through: 30,
      breaks: [{ version: 3, endedAt: 10, beginsAfter: 20 }],
    });
    await assert.rejects(
      readNewest(openSession(ordersOptions(files, shop))),
      /Version 3 of memory begins after position 20, but the table had come to 10: another program/,
    );
  });

  it('is mended by the writer whose last version was overwritten', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(30)];
    const session = openSession(ordersOptions(files, shop));
    await writeOrders(session, aShop(20), 10);
    await overwrite(files, 2);
    await writeOrders(session, shop, 10);
    assert.deepEqual(await positionsIn(files), countTo(30));
    assert.deepEqual(await readCommitChain(files), { after: 0, through: 30, breaks: [] });
  });

  it('begins where the log still has versions, and is empty without any of ours', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(30)];
    assert.deepEqual(await readCommitChain(files), { after: null, through: null, breaks: [] });
    await writeOrders(openSession(ordersOptions(files, shop)), shop, 10);
    for (const version of [0, 1]) await files.remove(versionPath(version));
    assert.deepEqual(await readCommitChain(files), { after: 10, through: 30, breaks: [] });
  });
});
