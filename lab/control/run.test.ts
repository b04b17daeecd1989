/** Drills in a run, on a real service: which of them it survives. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../../test/journeys/behind-the-service.ts';
import { runtimeUnderTest } from '../../test/service.ts';
import { faults } from '../drills/faults.ts';
import type { OwnService } from '../service/own-service.ts';
import { startOwnService } from '../service/start-own-service.ts';
import { checkPlan } from './check-plan.ts';
import type { RunView } from './live.ts';
import { type LoadRun, startRun } from './run.ts';
import { exitCodeOf, runText } from './run-text.ts';

const plan = checkPlan({
  scenario: 'order-pipeline',
  pace: { kind: 'users', users: 4, spawnPerSecond: 100 },
  seconds: null,
  timeoutMs: 1_000,
});
const faultOf = (name: string) => faults.find((fault) => fault.name === name) ?? assert.fail(name);

async function runWith(during: (run: LoadRun, service: OwnService) => Promise<void>): Promise<RunView> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const options = {
    engine: 'sqlite',
    isOnSmallDisk: false,
    runtime: runtimeUnderTest(),
    stock: 1e6,
  } as const;
  const service = await startOwnService({ ...options, folder });
  try {
    const run = startRun({
      id: '2026-01-01T00-00-00-000Z-order-pipeline',
      startedAt: new Date().toISOString(),
      plan,
      search: null,
      within: folder,
      evidenceFolder: join(folder, 'evidence'),
      url: service.url,
      openTarget: () => Promise.resolve({ url: service.url, service }),
      tell: () => {},
    });
    await until(() => run.view().samples.length > 6, 'load');
    await during(run, service);
    run.stop();
    return await run.ended;
  } finally {
    await service.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const drillOf = ({ drills = [] }: RunView) => drills[0] ?? assert.fail('no drill');

describe('a drill in a run', () => {
  it('is counted, and survived when shoppers are served again', async () => {
    const view = await runWith(async (run) => {
      for (const count of [1, 2]) {
        run.doFault(faultOf('cut-connections'), 100);
        assert.deepEqual([drillOf(run.view()).count, drillOf(run.view()).isGoingOn], [count, true]);
        await until(() => !drillOf(run.view()).isGoingOn, 'the end of the drill', 30_000);
      }
    });
    assert.deepEqual(view.broken, []);
    assert.deepEqual(drillOf(view).problems, []);
    assert.match(runText(view), /^DRILL {5}Cut the shoppers’ connections, 2 times: survived$/m);
  });

  it('fails the run when it had no effect, or the service did not survive it, though no order is lost', async () => {
    const view = await runWith(async (run, service) => {
      run.doFault({ ...faultOf('kill'), name: 'sham', title: 'Sham', run: async () => {} }, 600);
      await until(() => !drillOf(run.view()).isGoingOn, 'the end of the sham', 30_000);
      run.doFault(faultOf('freeze'), 600);
      await until(() => run.view().events.some(({ kind }) => kind === 'fault'), 'the freeze');
      process.kill(service.pid() ?? 0, 'SIGKILL');
      await until(() => run.view().drills?.[1]?.isGoingOn === false, 'the end of the drill', 30_000);
    });
    assert.equal(view.truth?.kind, 'kept', view.truth?.sentence);
    assert.deepEqual(view.broken, [
      'Sham: no shopper felt it, so it has shown nothing',
      'Freeze the service: the service ended and did not survive it',
      'The service had ended during the run; it is started again, to check its orders.',
    ]);
    assert.equal(exitCodeOf(view), 1);
    assert.match(runText(view), /^DRILL {5}Freeze the service, once: not survived$/m);
  });
});
