import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGatheredReads, idsMax, readsInFlightMax } from './gathered-reads.ts';

interface Row {
  readonly id: string;
}

/** Reads that end when the test says so; every id has a row but `none`. */
function openReads() {
  const underWay: { readonly ids: readonly string[]; readonly end: (error?: Error) => void }[] = [];
  const find = createGatheredReads<string, Row>(
    (ids) =>
      new Promise((resolve, reject) => {
        const rows = [...new Set(ids)].filter((id) => id !== 'none').map((id) => ({ id }));
        underWay.push({ ids, end: (error) => (error === undefined ? resolve(rows) : reject(error)) });
      }),
    ({ id }) => id,
  );
  return { underWay, read: (id: string) => find(id, id) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('gathered reads', () => {
  it('let a lone read go at once, and gather no more than are asked together', async () => {
    const { underWay, read } = openReads();
    const [first, same] = [read('a'), read('a')];
    await turn();
    assert.deepEqual(
      underWay.map(({ ids }) => ids),
      [['a', 'a']],
    );
    underWay[0]?.end();
    assert.deepEqual(await Promise.all([first, same]), [{ id: 'a' }, { id: 'a' }]);
  });

  it(`have ${readsInFlightMax} under way, and the next holds all that came meanwhile`, async () => {
    const { underWay, read } = openReads();
    const found: Promise<unknown>[] = [];
    for (const id of ['a', 'b', 'c', 'none']) {
      found.push(read(id));
      await turn();
    }
    assert.deepEqual(
      underWay.map(({ ids }) => ids),
      [['a'], ['b']],
    );
    underWay[0]?.end();
    await turn();
    assert.deepEqual(underWay[2]?.ids, ['c', 'none']);
    for (const { end } of underWay) end();
    assert.deepEqual(await Promise.all(found), [{ id: 'a' }, { id: 'b' }, { id: 'c' }, undefined]);
  });

  it(`read ${idsMax} ids at once and not one more, however often each is asked for`, async () => {
    const { underWay, read } = openReads();
    const ids = Array.from({ length: idsMax }, (_, nth) => `${nth}`);
    const found = [...ids, '0', 'one more'].map(read);
    await turn();
    assert.equal(underWay[0]?.ids.length, idsMax + 1);
    underWay[0]?.end();
    await turn();
    assert.deepEqual(underWay[1]?.ids, ['one more']);
    underWay[1]?.end();
    assert.equal((await Promise.all(found)).length, idsMax + 2);
  });

  it('fail those whose read fails, and no others', async () => {
    const { underWay, read } = openReads();
    const failed = read('a');
    await turn();
    const well = read('b');
    await turn();
    underWay[0]?.end(new Error('lost'));
    await assert.rejects(failed, /lost/);
    underWay[1]?.end();
    assert.deepEqual(await well, { id: 'b' });
  });
});
