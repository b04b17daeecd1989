import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeUpWriteSet } from '../../server/write-probe.ts';
import { writeStatements } from '../write-set.ts';
import { citus } from './citus.ts';

describe('the writes of a batch on Citus', () => {
  it('return something from every insert into shards, under a name of its own, and are else as they were', () => {
    const writes = writeStatements(madeUpWriteSet());
    const sent = citus.toWrites(writes);
    const noted = sent.filter(({ text }) => text.endsWith(' RETURNING 1')).map(({ name }) => name);
    assert.deepEqual(noted, ['insert-orders-noted', 'insert-lines-noted', 'insert-keys-noted']);
    for (const [index, { text, values }] of writes.entries()) {
      assert.ok(sent[index]?.text.startsWith(text));
      assert.equal(sent[index]?.values, values);
    }
  });
});
