import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPace, checkPlan, checkSearch, PlanError, type PlanSurroundings } from './check-plan.ts';
import { planBounds } from './run-plan.ts';

function mistakesOf(given: unknown, surroundings: PlanSurroundings = {}): Record<string, string> {
  try {
    checkPlan(given, surroundings);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return Object.fromEntries(error.mistakes.map(({ field, message }) => [field, message]));
  }
  return {};
}

describe('checking a plan', () => {
  it('fills in the load of the original: 1,000 users, 100 more each second, a minute of health checks', () => {
    const plan = checkPlan({});
    assert.equal(plan.scenario, 'health-check');
    assert.equal(plan.host, null);
    assert.deepEqual(plan.pace, { kind: 'users', users: 1_000, spawnPerSecond: 100 });
    assert.equal(plan.seconds, 60);
    assert.deepEqual(plan.objective, { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null });
  });

  it('keeps what was given', () => {
    const pace = {
      kind: 'arrivals',
      profile: { shape: 'sine', perSecond: 100, amplitudePerSecond: 50, periodSeconds: 10 },
      usersMax: 50,
    } as const;
    const plan = checkPlan({
      pace,
      seconds: null,
      host: 'http://127.0.0.1:5000/',
      objective: { p99MsMax: 50 },
    });
    assert.deepEqual(plan.pace, pace);
    assert.equal(plan.seconds, null);
    assert.equal(plan.host, 'http://127.0.0.1:5000');
    assert.equal(plan.objective.p99MsMax, 50);
  });

  it('names every mistake by its field at once', () => {
    const mistakes = mistakesOf({
      pace: { kind: 'users', users: 0, spawnPerSecond: 'many' },
      seconds: -1,
      workers: 1.5,
      connections: 'pipelined',
      colour: 'red',
      objective: { failureShareMax: 2 },
    });
    assert.deepEqual(Object.keys(mistakes).sort(), [
      'colour',
      'connections',
      'objective.failureShareMax',
      'pace.spawnPerSecond',
      'pace.users',
      'seconds',
      'workers',
    ]);
    assert.match(mistakes['pace.users'] ?? '', /a whole number from 1 to 20,000, not 0/);
    assert.match(mistakes['pace.spawnPerSecond'] ?? '', /a number from 0\.1 to 20,000, not "many"/);
    assert.match(mistakes['connections'] ?? '', /keep-alive or each-request, not "pipelined"/);
  });

  it('names what no field alone is wrong in beside mistakes of form', () => {
    const foreign = { host: 'https://shop.example', scenario: 'helth-check', seconds: -1, colour: 'red' };
    const known = { scenarios: ['health-check'], openFilesMax: 1_024 };
    const users = { kind: 'users', users: 2_000 };
    assert.deepEqual(Object.keys(mistakesOf({ ...foreign, pace: users, workers: 1 }, known)).sort(), [
      'colour',
      'host',
      'pace.users',
      'scenario',
      'seconds',
    ]);
    // A confirmation that is none confirms nothing.
    const mistakes = mistakesOf({ host: foreign.host, hostIsMine: 'yes' });
    assert.deepEqual(Object.keys(mistakes).sort(), ['host', 'hostIsMine']);
    // What can't be read is not judged by what would stand there if it had been left out.
    for (const broken of [{ pace: { kind: 'users', users: 0 } }, { workers: 0 }, { host: 5 }]) {
      assert.equal(Object.keys(mistakesOf(broken, { ...known, openFilesMax: 100 })).length, 1);
    }
    assert.deepEqual(Object.keys(mistakesOf({ scenario: 5 }, { scenarios: ['browse'] })), ['scenario']);
    // Names of what every object has are no fields.
    const odd: unknown = JSON.parse('{"toString":1,"__proto__":{"host":5}}');
    assert.deepEqual(Object.keys(mistakesOf(odd)).sort(), ['__proto__', 'toString']);
  });

  it('holds every number to its bounds, which themselves are allowed', () => {
    for (const name of ['seconds', 'warmupSeconds', 'workers', 'seed', 'timeoutMs'] as const) {
      const [min, max] = planBounds[name];
      for (const value of [min, max]) assert.deepEqual(mistakesOf({ [name]: value }), {}, `${name} ${value}`);
      for (const value of [min - 1, max + 1, Number.NaN, '5', Number.POSITIVE_INFINITY]) {
        assert.deepEqual(Object.keys(mistakesOf({ [name]: value })), [name], `${name} ${value}`);
      }
    }
    for (const perSecond of [0, 500_001]) {
      const pace = { kind: 'arrivals', profile: { shape: 'constant', perSecond } };
      assert.deepEqual(Object.keys(mistakesOf({ pace })), ['pace.profile.perSecond']);
    }
  });

  it('says which kinds and shapes there are', () => {
    assert.match(mistakesOf({ pace: { kind: 'bursts' } })['pace.kind'] ?? '', /users, arrivals/);
    const pace = { kind: 'arrivals', profile: { shape: 'saw' } };
    assert.match(mistakesOf({ pace })['pace.profile.shape'] ?? '', /constant, ramp, step, spike, sine/);
    for (const given of [null, 5, 'plan', []]) {
      assert.deepEqual(mistakesOf(given), { '': 'The plan must be an object in JSON.' });
    }
  });

  it('drives another machine only when that is confirmed', () => {
    const host = 'https://shop.example';
    assert.match(mistakesOf({ host })['host'] ?? '', /shop\.example is not this machine.*--host-is-mine/);
    assert.equal(checkPlan({ host, hostIsMine: true }).host, host);
    for (const loopback of ['http://localhost:5000', 'http://127.1.2.3', 'http://[::1]:80']) {
      assert.deepEqual(mistakesOf({ host: loopback }), {}, loopback);
    }
    // Names that only look like this machine.
    for (const other of ['http://127.0.0.1.example', 'http://localhost.example', 'http://0.0.0.0:5000']) {
      assert.deepEqual(Object.keys(mistakesOf({ host: other })), ['host'], other);
    }
  });

  it('refuses what is no address of a service', () => {
    for (const host of [
      'localhost',
      'ftp://localhost',
      'http://a:b@localhost',
      'http://localhost/shop',
      '',
    ]) {
      assert.deepEqual(Object.keys(mistakesOf({ host })), ['host'], host);
    }
  });

  it('lists the scenarios there are when it does not know one', () => {
    const mistakes = mistakesOf({ scenario: 'helth-check' }, { scenarios: ['browse', 'health-check'] });
    assert.match(mistakes['scenario'] ?? '', /"helth-check".*browse, health-check/);
  });

  it('says in one sentence when there are more users than files a process may open', () => {
    const pace = { kind: 'users', users: 2_000 };
    assert.match(mistakesOf({ pace }, { openFilesMax: 1_024 })['pace.users'] ?? '', /ulimit -n 2064/);
    const host = 'http://localhost:5000';
    assert.deepEqual(mistakesOf({ pace, host, workers: 4 }, { openFilesMax: 1_024 }), {});
    assert.throws(() => checkPace(pace, checkPlan({}), { openFilesMax: 1_024 }), PlanError);
  });

  it('checks a pace and a search alone', () => {
    assert.throws(() => checkPace({ kind: 'users', users: 0 }, checkPlan({})), /^PlanError: pace\.users: /);
    assert.deepEqual(checkSearch({ p99MsMax: 20 }).failureShareMax, 0.001);
    assert.throws(() => checkSearch({ fromPerSecond: 100, toPerSecond: 10 }), /toPerSecond/);
  });
});
