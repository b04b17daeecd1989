import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLoopTurns } from './loop-turns.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Keeps the thread busy, as a handler does. */
function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Requests that come in one turn of the loop, each of which takes a while to answer. */
function answerAll(turns: ReturnType<typeof createLoopTurns>, count: number, eachMs: number) {
  const answered: number[] = [];
  let refused = 0;
  for (let request = 0; request < count; request += 1) {
    const answer = () => {
      work(eachMs);
      answered.push(request);
    };
    const turn = turns.admit(performance.now());
    if (turn === null) answer();
    else if (turn === 'full') refused += 1;
    else void turn.then(answer);
  }
  return { answered, refused };
}

describe('turns of the event loop', () => {
  it('answer what comes while there is time', () => {
    const turns = createLoopTurns({ budgetMs: 1_000, heldMax: 1 });
    assert.equal(answerAll(turns, 100, 0).answered.length, 100);
  });

  it('leave the rest to later ones, in the order it came, and each turn ends soon', async () => {
    const turns = createLoopTurns({ budgetMs: 5, heldMax: 100 });
    const { answered } = answerAll(turns, 20, 2);
    assert.ok(answered.length >= 2 && answered.length <= 4, `${answered.length} in the first turn`);
    assert.equal(turns.heldCount(), 20 - answered.length);
    let count = answered.length;
    while (answered.length < 20) {
      await nextTurn();
      const inThisTurn = answered.length - count;
      assert.ok(inThisTurn >= 1 && inThisTurn <= 5, `${inThisTurn} in one turn`);
      count = answered.length;
    }
    assert.deepEqual(
      answered,
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.equal(turns.heldCount(), 0);
  });

  it('let at least one go, however long it takes', async () => {
    const turns = createLoopTurns({ budgetMs: 1, heldMax: 10 });
    const { answered } = answerAll(turns, 3, 20);
    assert.equal(answered.length, 1);
    await nextTurn();
    assert.ok(answered.length >= 2);
  });

  it('put nobody before those who wait', async () => {
    const turns = createLoopTurns({ budgetMs: 5, heldMax: 10 });
    const { answered } = answerAll(turns, 2, 10);
    assert.deepEqual(answered, [0]);
    const late = turns.admit(performance.now());
    assert.ok(late instanceof Promise);
    await late;
    assert.deepEqual(answered, [0, 1]);
  });

  it('are asked for their end once in a budget, not each time a request comes', async () => {
    const ask = globalThis.setImmediate;
    let asked = 0;
    globalThis.setImmediate = ((callback: () => void) => {
      asked += 1;
      return ask(callback);
    }) as typeof setImmediate;
    try {
      const turns = createLoopTurns({ budgetMs: 10_000, heldMax: 1 });
      for (let turn = 0; turn < 20; turn += 1) {
        assert.equal(turns.admit(performance.now()), null);
        await new Promise((resolve) => ask(resolve));
      }
      assert.equal(asked, 1);
    } finally {
      globalThis.setImmediate = ask;
    }
  });

  it('hold so many and no more', () => {
    const turns = createLoopTurns({ budgetMs: 5, heldMax: 3 });
    const { answered, refused } = answerAll(turns, 10, 10);
    assert.deepEqual(
      { answered: answered.length, held: turns.heldCount(), refused },
      { answered: 1, held: 3, refused: 6 },
    );
  });
});
