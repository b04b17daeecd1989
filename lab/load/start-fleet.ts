/**
 * Starts the workers of a run, each a process, and is their one voice.
 *
 * They die with this process, because their standard input ends with it.
 */
import { join } from 'node:path';
import type { Fleet, FleetOptions, FleetTotals } from './fleet.ts';
import { createFleetFigures } from './fleet-figures.ts';
import { listProducts } from './list-products.ts';
import type { WorkerCommand, WorkerSettings } from './worker-messages.ts';
import { startWorker } from './worker-process.ts';

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
  // The caller gets the error when it awaits `ended`; until then it is not an unhandled rejection.
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
