/**
 * Starts the workers of a run, each a process, and is their one voice.
 *
 * They die with this process, because their standard input ends with it. Limits: each has `readyMsMax` to get
 * ready; one that has not ended `endGraceMs` after the end of its run is killed.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Fleet, FleetOptions, FleetTotals } from './fleet.ts';
import { createFleetFigures } from './fleet-figures.ts';
import { listProducts } from './list-products.ts';
import type { WorkerCommand, WorkerReport, WorkerSettings } from './worker-messages.ts';

const readyMsMax = 30_000;
const errorCharactersMax = 1_000;
const program = new URL('./worker.ts', import.meta.url).pathname;

interface Worker {
  tell(command: WorkerCommand): void;
  kill(): void;
  readonly ready: Promise<void>;
  /** Resolves after `done`. */
  readonly ended: Promise<void>;
}

/** @throws one sentence: the host does not answer, the scenario has an error, a worker did not get ready */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { plan, url, ledgerFolder, onSample } = options;
  const products = await listProducts(url);
  const figures = createFleetFigures(plan.workers);
  const workers = Array.from({ length: plan.workers }, (_, worker) =>
    startWorker(worker, (report) => {
      if (report.is === 'sample') figures.add(worker, report.sample).forEach(onSample);
      else if (report.is === 'done') figures.workerDone(worker, report).forEach(onSample);
    }),
  );
  const tellAll = (command: WorkerCommand) => {
    for (const worker of workers) worker.tell(command);
  };
  const killAll = () => {
    for (const worker of workers) worker.kill();
  };

  const ended = Promise.all(workers.map((worker) => worker.ended)).then((): FleetTotals => figures.totals());
  // Whoever started the fleet hears of it when asking; until then it is not unheard of.
  ended.catch(killAll);
  for (const [worker, { tell }] of workers.entries()) {
    const { host: _host, hostIsMine: _mine, objective: _objective, ...rest } = plan;
    const ledgerFile = ledgerFolder === null ? null : join(ledgerFolder, `ledger-${worker}.tsv`);
    const settings: WorkerSettings = { ...rest, url, worker, products, ledgerFile };
    tell({ do: 'prepare', settings });
  }
  await Promise.race([Promise.all(workers.map((worker) => worker.ready)), ended]);
  tellAll({ do: 'start' });

  return {
    setPace: (pace) => tellAll({ do: 'pace', pace }),
    cutConnections: () => tellAll({ do: 'cut' }),
    stop: () => tellAll({ do: 'stop' }),
    ended,
  };
}

function startWorker(number: number, hear: (report: WorkerReport) => void): Worker {
  // Bun would otherwise read a .env file of the folder it is started in.
  const flags = process.versions['bun'] === undefined ? [] : ['--no-env-file'];
  const child = spawn(process.execPath, [...flags, program], { stdio: 'pipe' });
  const name = `load worker ${number + 1}`;
  let errors = '';
  let isDone = false;
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  ended.promise.catch(() => {});

  function fail(message: string): void {
    const error = new Error(message);
    ready.reject(error);
    ended.reject(error);
    child.kill('SIGKILL');
  }

  const timer = setTimeout(
    () => fail(`${name} did not get ready within ${readyMsMax / 1_000} s`),
    readyMsMax,
  );
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-errorCharactersMax);
  });
  // Its end is told below; a write to one that has just ended is no news.
  child.stdin.on('error', () => {});
  child.on('error', (error) => fail(`${name} could not be started: ${error.message}`));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const report = JSON.parse(line) as WorkerReport;
    if (report.is === 'problem') fail(report.message);
    if (report.is === 'done') isDone = true;
    if (report.is === 'ready') {
      clearTimeout(timer);
      ready.resolve();
    }
    hear(report);
  });
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    if (isDone) {
      ended.resolve();
      return;
    }
    const about = errors.trim() === '' ? '' : `: ${errors.trim()}`;
    fail(`${name} ended (${signal ?? `exit code ${code}`}) before its run was over${about}`);
  });

  return {
    tell(command) {
      if (child.stdin.writable) child.stdin.write(`${JSON.stringify(command)}\n`);
    },
    kill() {
      child.kill('SIGKILL');
    },
    ready: ready.promise,
    ended: ended.promise,
  };
}
