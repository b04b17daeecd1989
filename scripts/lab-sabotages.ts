/** The ways in which `sabotage.ts` breaks the load lab, so that it would report false results. */
import type { Sabotage } from './sabotages.ts';

const truth = ['lab/truth/check-truth.lies.test.ts', 'lab/truth/check-truth.unknowns.test.ts'];

export const labSabotages: readonly Sabotage[] = [
  {
    name: 'lab: take any stored order for the one that was acknowledged',
    file: 'lab/truth/acknowledged-orders.ts',
    find: 'if (answer.digest !== line.digest) {',
    replace: "if (answer.digest === '') {",
    tests: truth,
  },
  {
    name: 'lab: put up with stock that was sold and not taken',
    file: 'lab/truth/stock-balance.ts',
    find: 'one.before - one.after < one.sold)',
    replace: 'one.before - one.after < 0)',
    tests: truth,
  },
  {
    name: 'lab: measure from when a request was sent, not from when it was due',
    file: 'lab/load/load-user.ts',
    find: '    this.#intendedAtMs = dueAtMs;\n',
    replace: '    this.#intendedAtMs = nowMs;\n',
    tests: ['lab/load/run-load.test.ts'],
    only: 'a closed loop hides a stall, an open loop shows it',
  },
  {
    name: 'lab: write down only what was answered',
    file: 'lab/load/ledger.ts',
    find: 'if (order === null) return;',
    replace: 'if (order === null || status === 0) return;',
    tests: ['lab/load/ledger.test.ts', 'lab/load/load-engine.test.ts', 'lab/load/start-fleet.test.ts'],
  },
  {
    name: 'lab: believe a generator that was late',
    file: 'lab/load/void-reasons.ts',
    find: 'isOpenLoop ? latenessP99MsMax : clockLatenessP99MsMax',
    replace: '1e9',
    tests: ['lab/load/void-reasons.test.ts'],
  },
  {
    name: 'lab: forget a drill that was not survived',
    file: 'lab/control/run.ts',
    find: '...this.#drills.problems(), ',
    replace: '',
    tests: ['lab/control/run.test.ts'],
    only: 'fails the run when it had no effect',
  },
  {
    name: 'lab: leave out requests that were cut off while they waited',
    file: 'lab/load/load-recorder.ts',
    find: 'if (wasSent) tally.latency',
    replace: 'if (intendedAtMs < 0) tally.latency',
    tests: ['lab/load/start-fleet.test.ts'],
    only: 'a request that waits and is then cut off has taken as long as it waited',
  },
  {
    name: "lab: let another site's page tell the lab what to do",
    file: 'lab/control/lab-requests.ts',
    find: `origin !== undefined && origin !== \`http://\${host}\``,
    replace: "origin === 'nobody'",
    tests: ['lab/control/lab-server.test.ts'],
  },
];
