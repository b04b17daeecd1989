import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOrderNumbers, type OrderNumbers, rangeSize } from './order-numbers.ts';

/** Ranges as a database gives them: each number once, to whichever instance asks. */
function openDatabase(first = 1_001) {
  let next = first;
  return {
    take(numbers: OrderNumbers, count: number, spare = 0) {
      const request = numbers.request(count, spare);
      if (request.missing === 0) return request.reserve(null);
      const range = { first: next, end: next + request.missing };
      next = range.end;
      return request.reserve(range);
    },
    takeBack(numbers: OrderNumbers) {
      const rest = numbers.release();
      if (rest !== null && rest.end === next) next = rest.first;
    },
  };
}

describe('order numbers', () => {
  it('follow each other without a gap within a range and into the next', () => {
    const database = openDatabase();
    const numbers = createOrderNumbers();
    const firsts: number[] = [];
    for (let taken = 0; taken < rangeSize * 2; taken += 400) firsts.push(database.take(numbers, 400).first);
    assert.deepEqual(firsts, [1_001, 1_401, 1_801, 2_201, 2_601]);
  });

  it('go back when they were not needed, unless others were taken since', () => {
    const database = openDatabase();
    const numbers = createOrderNumbers();
    const unused = database.take(numbers, 10);
    unused.keep(0);
    const first = database.take(numbers, 10);
    assert.equal(first.first, 1_001);
    const second = database.take(numbers, 5);
    first.keep(3);
    second.keep(5);
    assert.equal(database.take(numbers, 1).first, 1_016);
  });

  it('are extended by what is right behind them, and by nothing once others have it', () => {
    const database = openDatabase();
    const numbers = createOrderNumbers();
    const first = database.take(numbers, 10, 5);
    assert.equal(first.extend(5), 5);
    assert.equal(database.take(numbers, 1).first, 1_016);
    assert.equal(first.extend(1), 0);
  });

  it('are of two instances, and never the same', () => {
    const database = openDatabase();
    const [one, other] = [createOrderNumbers(), createOrderNumbers()];
    const firsts = [one, other, one, other].map((numbers) => database.take(numbers, 600).first);
    assert.deepEqual(firsts, [1_001, 2_001, 3_001, 4_001]);
  });

  it('that are left go back at the end, once', () => {
    const database = openDatabase();
    const numbers = createOrderNumbers();
    database.take(numbers, 10);
    database.takeBack(numbers);
    assert.equal(numbers.release(), null);
    assert.equal(database.take(createOrderNumbers(), 1).first, 1_011);
  });

  it('are never made up when the database gave none', () => {
    assert.throws(() => createOrderNumbers().request(1, 0).reserve(null), /did not come/);
  });
});
