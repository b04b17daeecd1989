import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { checkpointPath, formatActions, parseActions, versionPath } from './delta-actions.ts';

const parse = (text: string) => parseActions(new TextEncoder().encode(text), 'version 7');

describe('the actions of a version', () => {
  it('stand one a line, in the order in which they were given', () => {
    const bytes = formatActions([
      { txn: { appId: 'nozama/1/orders', version: 7n, lastUpdated: 5 } },
      { remove: { path: 'a.parquet', dataChange: false } },
    ]);
    assert.equal(
      new TextDecoder().decode(bytes),
      '{"txn":{"appId":"nozama/1/orders","version":7,"lastUpdated":5}}\n{"remove":{"path":"a.parquet","dataChange":false}}\n',
    );
  });

  it('keep each digit of another application’s version, and any name', () => {
    const appId = 'say "version":12, \\ twice';
    const txn = { appId, version: 2n ** 63n - 1n, lastUpdated: undefined };
    assert.deepEqual(parseActions(formatActions([{ txn }]), 'x'), [{ txn }]);
    assert.deepEqual(parse('{"txn": {"version" : -3 , "appId": "a"}}'), [
      { txn: { appId: 'a', version: -3n, lastUpdated: undefined } },
    ]);
  });

  it('that are not known change nothing', () => {
    assert.deepEqual(parse('{"cdc":{"path":"x"}}\n\n{"domainMetadata":{"domain":"d"}}\n'), []);
  });

  it('that can not be read are refused with the line', () => {
    for (const line of ['{"add":', '7', '[]', '{"add":{}}', '{"txn":{"appId":"a"}}']) {
      assert.throws(
        () => parse(`{"commitInfo":{}}\n${line}`),
        (error: unknown) => error instanceof TableRefusedError && /Line 2 of version 7/.test(error.message),
        line,
      );
    }
  });

  it('stand in files that sort by their version', () => {
    assert.equal(versionPath(1), '_delta_log/00000000000000000001.json');
    assert.equal(checkpointPath(12), '_delta_log/00000000000000000012.checkpoint.parquet');
  });
});
