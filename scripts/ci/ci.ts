/**
 * Everything that has to hold before a change lands, after `make install`: .ci/run calls it.
 *
 * Ends with one line, `N passed, N failed, N skipped`, and code 1 when anything failed. STARTED_AT is when .ci/run
 * started, in seconds since 1970. Arguments: words; only steps whose name holds one of them run.
 */
import { join } from 'node:path';
import { outputTurns } from './output-turns.ts';
import { runStep, type Step, type StepResult } from './step.ts';
import { stages } from './steps.ts';
import { countOf, summary } from './summary.ts';

const root = join(import.meta.dirname, '../..');
const startedAtMs = Number(process.env['STARTED_AT'] ?? Date.now() / 1_000) * 1_000;
const words = process.argv.slice(2);
const openOutput = outputTurns((text) => process.stdout.write(text));

async function runLane(lane: readonly Step[]): Promise<readonly StepResult[]> {
  const done: StepResult[] = [];
  for (const step of lane) {
    if (words.length > 0 && !words.some((word) => step.name.includes(word))) continue;
    const output = openOutput(step.name);
    const result = await runStep(step, root, output.write);
    if (countOf([result], 'failed') > 0) output.write(`FAILED: ${step.name}\n`);
    output.end();
    done.push(result);
  }
  return done;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const done: StepResult[] = [];
for (const lanes of stages) done.push(...(await Promise.all(lanes.map(runLane))).flat());
process.stdout.write(`\n${summary(done, (Date.now() - startedAtMs) / 1_000)}`);
process.exitCode = countOf(done, 'failed') === 0 && countOf(done, 'passed') > 0 ? 0 : 1;
