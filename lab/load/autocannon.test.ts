import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAutocannon } from './autocannon.ts';

/** Of autocannon 9.0.0, 16 connections for two seconds after one of warm-up, without the fields that are not read. */
const warmup =
  '{"duration":1.03,"errors":0,"timeouts":0,"non2xx":0,"resets":0,"2xx":1520,"latency":{"p50":10,"p90":13,"p99":19}}';
const run =
  '{"duration":2.01,"errors":0,"timeouts":0,"non2xx":0,"resets":0,"2xx":3092,"latency":{"p50":10,"p90":13,"p99":15}}';

test('reads the run that autocannon tells after its warm-up', () => {
  const figures = { requestsPerSecond: 3_092 / 2.01, p50Ms: 10, p90Ms: 13, p99Ms: 15 };
  assert.deepEqual(readAutocannon(`${warmup}\n${run}\n`), figures);
  assert.deepEqual(readAutocannon(run), figures);
});

test('a run of autocannon in which something went wrong is no figure', () => {
  for (const wrong of ['errors', 'timeouts', 'non2xx', 'resets']) {
    const report = run.replace(`"${wrong}":0`, `"${wrong}":12`);
    assert.throws(() => readAutocannon(report), { message: `autocannon: 12 ${wrong}` });
  }
  for (const output of ['', 'unable to connect', '{}', run.replace('"2xx":3092', '"2xx":0')]) {
    assert.throws(() => readAutocannon(output), /^Error: this is no report of autocannon: /);
  }
});
