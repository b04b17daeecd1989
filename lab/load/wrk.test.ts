import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWrk } from './wrk.ts';

const report = `Running 5s test @ http://127.0.0.1:5000/health_check
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.99ms    2.31ms  18.63ms   57.79%
    Req/Sec     6.43k   112.11     6.61k    72.00%
  Latency Distribution
     50%  990.00us
     75%   12.01ms
     90%   13.25ms
     99%    1.10s
  32012 requests in 5.01s, 3.54MB read
Requests/sec:   6391.21
Transfer/sec:    723.21KB
`;

test('reads what wrk prints, in its units', () => {
  assert.deepEqual(readWrk(report), { requestsPerSecond: 6391.21, p50Ms: 0.99, p90Ms: 13.25, p99Ms: 1_100 });
});

test('a run of wrk in which something went wrong is no figure', () => {
  assert.throws(() => readWrk(`${report}  Non-2xx or 3xx responses: 12\n`), /^Error: wrk: Non-2xx/);
  assert.throws(() => readWrk('unable to connect'), /no report of wrk: unable to connect/);
});
