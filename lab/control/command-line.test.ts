import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPlan, checkSearch } from './check-plan.ts';
import { readCommand, UsageError } from './command-line.ts';

const read = (line: string, env = {}) => {
  const command = readCommand(
    line.split(' ').filter((word) => word !== ''),
    env,
  );
  assert.ok(command !== null);
  return command;
};

describe('the command line of the lab', () => {
  it('makes a plan that can be run', () => {
    const line =
      'run --scenario browse --users 10 --spawn-per-second 2.5 --seconds 5 --warmup-seconds 1 --workers 2 ' +
      '--connections each-request --timeout-ms 1000 --seed 7 --p99-ms-max 50 --failure-share-max 0.01';
    const { name, plan, search } = read(line);
    assert.equal(name, 'run');
    assert.equal(search, null);
    assert.deepEqual(checkPlan(plan), {
      scenario: 'browse',
      host: null,
      hostIsMine: false,
      pace: { kind: 'users', users: 10, spawnPerSecond: 2.5 },
      seconds: 5,
      warmupSeconds: 1,
      connections: 'each-request',
      workers: 2,
      seed: 7,
      timeoutMs: 1_000,
      objective: { p99MsMax: 50, failureShareMax: 0.01, requestsPerSecondMin: null },
    });
  });

  it('takes arrivals by their rate, or by a profile', () => {
    assert.deepEqual(checkPlan(read('run --per-second 100 --users-max 5').plan).pace, {
      kind: 'arrivals',
      profile: { shape: 'constant', perSecond: 100 },
      usersMax: 5,
    });
    const profile = { shape: 'ramp', fromPerSecond: 1, toPerSecond: 9, overSeconds: 3 };
    assert.deepEqual(checkPlan(read(`run --arrivals ${JSON.stringify(profile)}`).plan).pace, {
      kind: 'arrivals',
      profile,
      usersMax: 1_000,
    });
  });

  it('takes the host from --host, or from HOST, with or without its scheme', () => {
    const hostOf = (line: string, env = {}) => checkPlan(read(line, env).plan).host;
    assert.equal(hostOf('run --host localhost:5000'), 'http://localhost:5000');
    assert.equal(hostOf('run', { HOST: 'http://127.0.0.1:80' }), 'http://127.0.0.1');
    assert.equal(hostOf('run --host localhost:1', { HOST: 'localhost:2' }), 'http://localhost:1');
    assert.equal(hostOf('run', { HOST: '' }), null);
    assert.equal(hostOf('gui --host https://shop.example --host-is-mine'), 'https://shop.example');
    assert.throws(() => hostOf('gui', { HOST: 'https://shop.example' }), /--host-is-mine/);
    assert.equal(hostOf('gui', { HOST: 'https://a.example', HOST_IS_MINE: 'true' }), 'https://a.example');
  });

  it('makes a search of what is to hold', () => {
    const { search, plan } = read('limit --p99-ms-max 20 --from-per-second 500 --scenario order-pipeline');
    assert.deepEqual(checkSearch(search), {
      p99MsMax: 20,
      failureShareMax: 0.001,
      fromPerSecond: 500,
      toPerSecond: 500_000,
      secondsPerStep: 5,
    });
    assert.equal(checkPlan(plan).objective.p99MsMax, null);
  });

  it('knows where files go and which port is the lab’s', () => {
    assert.deepEqual(
      [read('gui').port, read('gui', { LAB_PORT: '9000' }).port, read('gui --port 0').port],
      [8_089, 9_000, 0],
    );
    assert.equal(read('run').resultsFolder, 'lab-results');
    assert.equal(read('run', { LAB_RESULTS: '/somewhere' }).resultsFolder, '/somewhere');
    assert.deepEqual(read('run --engine postgres --runtime node --small-disk --stock 5').service, {
      engine: 'postgres',
      runtime: 'node',
      isOnSmallDisk: true,
      stock: 5,
    });
  });

  it('says in one sentence what is wrong', () => {
    for (const [line, sentence] of [
      ['', /no command "".*run, limit or gui/],
      ['walk', /no command "walk"/],
      ['run --userz 5', /--userz.*--help/],
      ['run --users many', /--users is "many", which is not a number/],
      ['run --users 5 --per-second 5', /do not go with --per-second/],
      ['run --users-max 5', /--users-max needs/],
      ['run --arrivals {', /is not JSON/],
      ['run --per-second 5 --arrivals {}', /not both/],
      ['run --from-per-second 5', /for limit only/],
      ['run --engine mysql', /sqlite or postgres/],
      ['gui --port 70000', /--port must be a whole number from 0 to 65535/],
      ['run --stock -1', /stock/],
    ] as const) {
      assert.throws(
        () => read(line),
        (error) =>
          error instanceof UsageError && sentence.test(error.message) && !error.message.includes('\n'),
        line,
      );
    }
    assert.throws(() => read('gui', { LAB_PORT: 'x' }), /LAB_PORT must be/);
    assert.equal(readCommand(['run', '--help'], {}), null);
  });
});
