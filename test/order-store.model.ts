/**
 * Random operations against an engine and against the reference model: every answer, and after each
 * operation every read, must agree.
 *
 * The seed is in the name of the test. `SEED=…` replays a run, `RUNS=…` makes more of them; a failure is
 * shrunk to the fewest operations that still disagree.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { emptyMemory } from '../src/storage/memory/memory-contents.ts';
import { createMemoryStore } from '../src/storage/memory/memory-store.ts';
import type { OrderStore } from '../src/storage/order-store.ts';
import { assertVerifiesClean, type OpenStore } from './order-store/opened-store.ts';
import { history, type Operation, perform, readEverything } from './order-store/operations.ts';

const runsDefault = 25;

/** Ten times what a run takes; a failure stops being shrunk when the time of all runs is over. */
const runMaxMsDefault = 800;

/** @param options for an engine that reads more slowly; RUNS goes before its number of runs */
export function describeAgreement(
  name: string,
  openStore: OpenStore,
  { runs = runsDefault, runMaxMs = runMaxMsDefault } = {},
): void {
  const seed = numberFrom('SEED') ?? Date.now() % 2 ** 31;
  const numRuns = numberFrom('RUNS') ?? runs;
  const timeMaxMs = numRuns * runMaxMs;

  describe(`random operations on ${name}`, () => {
    test(`agree with the reference model (SEED=${seed} RUNS=${numRuns})`, { timeout: 2 * timeMaxMs }, () =>
      fc.assert(
        fc.asyncProperty(history, (asked) => assertAgreement(openStore, asked)),
        { seed, numRuns, interruptAfterTimeLimit: timeMaxMs },
      ),
    );
  });
}

async function assertAgreement(openStore: OpenStore, asked: readonly Operation[]): Promise<void> {
  const contents = emptyMemory();
  let model = createMemoryStore({ contents });
  const opened = await openStore();
  let engine: OrderStore = opened.store;
  try {
    for (const operation of asked) {
      if (operation.kind === 'reopen') {
        model = createMemoryStore({ contents });
        engine = await opened.reopen();
      } else {
        assert.deepEqual(await perform(engine, operation), await perform(model, operation));
      }
      assert.deepEqual(await readEverything(engine), await readEverything(model));
    }
    await assertVerifiesClean(engine);
    await assertVerifiesClean(model);
  } finally {
    await opened.dispose();
  }
}

function numberFrom(name: string): number | null {
  const text = process.env[name];
  if (text === undefined || text === '') return null;
  assert.match(text, /^-?\d+$/, `${name} is a whole number`);
  return Number(text);
}
