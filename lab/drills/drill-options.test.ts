import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDrillOptions } from './drill-options.ts';
import { faults } from './faults.ts';

describe('the options of a drill', () => {
  it('are every fault, three times, on both engines, unless told', () => {
    const options = readDrillOptions([]);
    assert.deepEqual(
      options.only,
      faults.map(({ name }) => name),
    );
    assert.deepEqual(options.engines, ['sqlite', 'postgres']);
    assert.equal(options.count, 3);
    assert.equal(options.faultMs, null);
  });

  it('are taken', () => {
    const options = readDrillOptions(
      '--only kill,freeze --engine postgres --count 7 --seconds 0.5 --fault-seconds 0.2'.split(' '),
    );
    assert.deepEqual(options.only, ['kill', 'freeze']);
    assert.deepEqual(options.engines, ['postgres']);
    assert.deepEqual([options.count, options.seconds, options.faultMs], [7, 0.5, 200]);
  });

  it('are refused, each mistake with what would do', () => {
    const given = '--only fire --engine oracle --count 0 --users 1.5 --seconds x --runtime deno'.split(' ');
    assert.throws(
      () => readDrillOptions(given),
      (error: Error) =>
        [/no fire, but kill,/, /oracle, not sqlite/, /--count is 0, not 1/, /--users is 1.5, not a whole/]
          .concat([/--seconds is x/, /deno, not bun or node/])
          .every((pattern) => pattern.test(error.message)),
    );
    assert.throws(() => readDrillOptions(['--onyl', 'kill']), /onyl/);
  });
});
