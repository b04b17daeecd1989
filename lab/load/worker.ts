/**
 * A worker of the fleet, a process of its own: takes commands on standard input, drives the service, tells
 * what came of it four times a second. Ends when its run has ended, or when standard input does: it never
 * outlives the process that started it.
 */
import { readLines } from './json-lines.ts';
import type { WorkerCommand, WorkerReport } from './worker-messages.ts';
import { prepareWorker, type WorkerRun } from './worker-run.ts';

let run: WorkerRun | null = null;

function tell(report: WorkerReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** Not before it is written. */
function end(report: WorkerReport, code: number): void {
  run?.close();
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(code));
}

function failed(error: unknown): void {
  end({ is: 'problem', message: error instanceof Error ? error.message : String(error) }, 2);
}

async function obey(command: WorkerCommand): Promise<void> {
  switch (command.do) {
    case 'prepare':
      run = await prepareWorker(command.settings);
      tell({ is: 'ready' });
      break;
    case 'start':
      if (run === null) throw new Error('a worker was told to start before it was prepared');
      end({ is: 'done', ...(await run.drive((sample) => tell({ is: 'sample', sample }))) }, 0);
      break;
    case 'pace':
      run?.setPace(command.pace);
      break;
    case 'cut':
      run?.cutConnections();
      break;
    case 'stop':
      run?.stop();
      break;
  }
}

process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
// A terminal's Ctrl-C is for the process that started it, which then says stop.
process.on('SIGINT', () => {});

readLines(process.stdin, (line) => void obey(JSON.parse(line) as WorkerCommand).catch(failed), failed);
process.stdin.on('close', () => {
  run?.close();
  process.exit(0);
});
