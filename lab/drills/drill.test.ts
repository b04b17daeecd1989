/** Each drill once, small; and that a drill notices what it is there for. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { postgresMissing } from '../../test/postgres/postgres-databases.ts';
import { runtimeUnderTest } from '../../test/service.ts';
import { mounting } from '../service/small-disk.ts';
import type { DrillOptions } from './drill-options.ts';
import { drillTable } from './drill-table.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { type DrillResult, runDrill } from './run-drill.ts';

const options: DrillOptions = {
  only: [],
  engines: [],
  runtime: runtimeUnderTest(),
  count: 1,
  seconds: 0.5,
  faultMs: 400,
  users: 8,
};

/** PostgreSQL where it alone will do: it takes longer to start. */
const needsServer = ['stop-database', 'cut-database'];
const missing = await postgresMissing();

function run(fault: Fault, changed: Partial<DrillOptions> = {}): Promise<DrillResult> {
  const engine = needsServer.includes(fault.name) ? 'postgres' : 'sqlite';
  return runDrill(fault, engine, { ...options, ...changed }, () => undefined);
}

function skipOf({ name }: Fault): string | false {
  if (name === 'fill-disk' && mounting() !== 'allowed') return 'no small disk can be mounted here';
  return needsServer.includes(name) && missing !== null ? missing : false;
}

/** Most of a drill is waiting: some at a time, each with a service of its own. */
const atATime = 4;
const drills = faults.filter((fault) => skipOf(fault) === false).map((fault) => ({ fault, made: made() }));

function made() {
  return Promise.withResolvers<DrillResult>();
}

async function makeDrills(): Promise<void> {
  const left = [...drills];
  const makeNext = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      // Longer than a shopper waits for an answer.
      const changed = next.fault.name === 'freeze' ? { faultMs: 2_300 } : {};
      await run(next.fault, changed).then(next.made.resolve, next.made.reject);
    }
  };
  await Promise.all(Array.from({ length: atATime }, makeNext));
}

describe('a drill, made once', () => {
  let all: Promise<void>;
  before(() => {
    for (const { made } of drills) made.promise.catch(() => undefined);
    all = makeDrills();
  });
  after(() => all);

  for (const fault of faults) {
    it(`is passed: ${fault.name}`, { skip: skipOf(fault) }, async () => {
      const result = await drills.find((one) => one.fault === fault)?.made.promise;
      assert.ok(result !== undefined);
      assert.deepEqual(result.problems, []);
      assert.equal(result.count, 1);
      assert.equal(result.isRecovered, true);
      assert.ok(result.acknowledged > 0);
      assert.match(drillTable([result]), /yes +kept +agrees +kept/);
    });
  }
});

describe('a drill that is not passed', () => {
  const base = faults.find(({ name }) => name === 'clock-ahead') ?? assert.fail();

  it('says that the service did not survive it, and that no shopper felt it', async () => {
    const fault: Fault = { ...base, isFelt: true, run: () => Promise.reject(new Error('it ended')) };
    // A fault is felt by who waits for half of it: for so long no shopper waits for a machine that stands still.
    const result = await run(fault, { faultMs: 30_000 });
    assert.deepEqual(result.problems, ['it ended', 'no shopper felt it, so it has shown nothing']);
    assert.match(drillTable([result]), /BROKEN {2}clock-ahead on sqlite: it ended/);
  });

  it('says that a shopper waited for longer than the fault allows', async () => {
    const fault: Fault = { ...base, shopperWaitMsMax: 0, run: () => Promise.resolve() };
    const [problem = '', ...others] = (await run(fault)).problems;
    assert.match(problem, /^a shopper waited \d+ ms, longer than 0 ms$/);
    assert.deepEqual(others, []);
  });

  it('is not made where it can’t be, and says why', async () => {
    const stop = faults.find(({ name }) => name === 'stop-database') ?? assert.fail();
    const result = await runDrill(stop, 'sqlite', options, () => undefined);
    assert.match(result.impossible ?? '', /no database server/);
    assert.match(drillTable([result]), /not done {2}stop-database on sqlite: .*no database server/);
  });
});
