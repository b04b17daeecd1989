/**
 * Measures how long a shop on SQLite can't be reached while a new process replaces its only one.
 *
 *     NODE_BINARY=$(scripts/node-path.sh) node_modules/.bin/bun scripts/measure-restart.ts [ROUNDS]
 */
import { replaceUnderLoad, type Way } from '../test/upgrades/replace-process.ts';

const rounds = Number(process.argv[2] ?? 10);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000) {
  process.stderr.write('ROUNDS must be a whole number from 1 to 1000.\n');
  process.exit(2);
}
for (const runtime of ['bun', 'node'] as const) {
  for (const way of ['restart', 'take over'] satisfies Way[]) {
    const { requests, failures, longestGapMs, orders } = await replaceUnderLoad({ way, rounds, runtime });
    process.stdout.write(
      `${runtime}, ${way}: ${rounds} times, ${requests} requests, ${failures.length} failed (${[...new Set(failures)].join(', ') || 'none'}), ` +
        `${longestGapMs.toFixed(0)} ms without an answer at the longest; ${orders} orders, each there once\n`,
    );
  }
}
