/** The load lab on the command line; see `lab.ts --help`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { labPages } from '../page/lab-page.ts';
import { renderReport } from '../page/report.ts';
import { PlanError } from './check-plan.ts';
import { type LabCommand, readCommand, UsageError, usage } from './command-line.ts';
import { type LabDesk, openLab } from './lab-desk.ts';
import { startLabServer } from './lab-server.ts';
import type { RunView } from './live.ts';
import { createProgressLine } from './progress-line.ts';
import { exitCodeOf, runText } from './run-text.ts';
import { samplesCsv } from './samples-csv.ts';

const interruptedCode = 130;

/** npm and make pass on a signal that the terminal has sent to this process already. */
const sameInterruptionMs = 500;

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args, process.env);
  if (command === null) {
    process.stdout.write(usage);
    return 0;
  }
  const interrupted = interruptions();
  const { plan, service, resultsFolder } = command;
  const warn = (sentence: string) => process.stderr.write(`${sentence}\n`);
  if (command.name === 'gui') process.stdout.write('Starting the lab …\n');
  const desk = await openLab({ plan, service, resultsFolder, warn });
  try {
    return await (command.name === 'gui'
      ? serve(desk, command, interrupted)
      : drive(desk, command, interrupted));
  } finally {
    await desk.close();
  }
}

/** The first Ctrl-C ends the run in good order, the second at once; the guard and the workers then clean up. */
function interruptions(): Promise<void> {
  return new Promise((interrupted) => {
    let firstMs: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const nowMs = performance.now();
        firstMs ??= nowMs;
        if (nowMs - firstMs > sameInterruptionMs) process.exit(interruptedCode);
        interrupted();
      });
    }
  });
}

async function serve(desk: LabDesk, { port }: LabCommand, interrupted: Promise<void>): Promise<number> {
  const server = await startLabServer({ desk, pages: { ...labPages, renderReport }, port });
  const target = desk.view().service?.url ?? desk.view().plan.host;
  process.stdout.write(`The lab is open at ${server.url} (it loads ${target}). Ctrl-C ends it.\n`);
  await interrupted;
  if (desk.isRunning()) process.stdout.write('\nStopping the run, and checking its orders …\n');
  await desk.close();
  await server.close();
  return 0;
}

async function drive(
  desk: LabDesk,
  { search, resultsFolder, plan }: LabCommand,
  interrupted: Promise<void>,
): Promise<number> {
  const progress = createProgressLine(process.stderr, () => performance.now());
  const stopHearing = desk.listen(progress.hear);
  desk.start(plan, search);
  interrupted.then(() => {
    if (!desk.isRunning()) return;
    process.stderr.write('\nStopping; Ctrl-C again ends at once, without a verdict.\n');
    desk.stop();
  });
  const view = await desk.ended();
  stopHearing();
  progress.end();
  if (view === null) throw new Error('nothing was run');
  const files = writeFiles(desk, view);
  process.stdout.write(`${runText(view)}\n\nIn ${resolve(resultsFolder)}: ${files.join(', ')}\n`);
  return exitCodeOf(view);
}

/** Beside the JSON, which the history has written. */
function writeFiles({ history }: LabDesk, view: RunView): readonly string[] {
  writeFileSync(history.fileOf(view.id, 'html'), renderReport(view));
  writeFileSync(history.fileOf(view.id, 'csv'), samplesCsv(view.samples));
  return ['html', 'csv', 'json'].map((extension) => `${view.id}.${extension}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || error instanceof PlanError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
