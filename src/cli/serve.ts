/** `nozama serve`: runs the service as a process, from its configuration to its exit code. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Config } from '../config/config.ts';
import { strangeNamesWarning } from '../config/unknown-names.ts';
import { type Log, openLog } from '../observability/logging.ts';
import { OperatorError } from '../program/operator-error.ts';
import { type Service, startService } from '../start-service.ts';
import type { Command } from './command.ts';
import { envFileWarning, loadConfig, loadEnvironment } from './load-config.ts';
import { endSignal, stopSignals } from './stop-signals.ts';

/** For closing the database, after the time for the last answers. */
const closeGraceMs = 1_500;

/** For writing the last lines of the log. */
const lastLinesMs = 300;

export const command: Command = {
  usage: `Takes orders at http://HOST:PORT until it is told to stop, and answers what it accepted before it ends.

Usage: nozama serve

  PORT          5000 unless set
  HOST          127.0.0.1 unless set: this machine alone; 0.0.0.0 for all that reach it
  DATABASE_URL  sqlite:./data/nozama.db unless set, made when it is missing; or postgres://user@host/database
  LOG_FILE      logs/app.log unless set; empty for none

These and other settings come from the environment and from .env; docs/CONFIGURATION.md lists all.
SIGTERM and Ctrl-C stop it; a second one ends it at once. On Windows Ctrl-C, Ctrl-Break and closing its console
stop it, and ending the task kills it. No answered order is lost, however it ends.
Exit codes: 0 stopped, 1 it could not start or failed, 2 wrong arguments or configuration.
`,
  options: {},
  positionals: [],
  async run() {
    await serve(loadConfig());
    return undefined;
  },
};

async function serve(config: Config): Promise<void> {
  const log = openLog({
    level: config.logLevel,
    file:
      config.logFile === null
        ? null
        : { path: config.logFile, sizeMax: config.logFileSizeMax, filesKept: config.logFilesKept },
    terminal: { file: 1, isTty: isatty(1) },
  });
  const dieOf = (error: unknown, message: string) => {
    log.fatal({ error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => dieOf(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => dieOf(error, 'unhandled rejection'));
  for (const warning of [strangeNamesWarning(process.env), envFileWarning()]) {
    if (warning !== null) log.warn({}, warning);
  }

  // Before the start, so that a signal during it is not lost.
  const stopAsked = signalled();
  let service: Service;
  try {
    service = await startService(config, log, loadEnvironment());
  } catch (error) {
    await refuseToStart(error, log);
    return;
  }
  const signal = await stopAsked;
  log.info({ signal }, 'stopping');
  await stop(service, config, log);
}

/** One sentence for a failure that the operator can mend; any other failure with its stack. */
async function refuseToStart(error: unknown, log: Log): Promise<never> {
  if (error instanceof OperatorError) log.error({}, error.message);
  else log.error({ error }, 'the service can’t start');
  await flushInTime(log);
  process.exit(1);
}

/** Bounded: the reader of our output may have stopped reading, and must not keep the process from ending. */
async function flushInTime(log: Log): Promise<void> {
  await Promise.race([log.flush(), sleep(lastLinesMs)]);
}

/**
 * Signals this close together count as one, in milliseconds: Ctrl-C reaches every process of a terminal's group, and
 * npm passes it on once more.
 */
const sameSignalMs = 200;

/** The first signal to stop; a second one ends the process at once. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    for (const signal of stopSignals(process.platform)) {
      process.on(signal, () => {
        const now = performance.now();
        if (askedAt !== null && now - askedAt > sameSignalMs) endAtOnce(signal);
        askedAt ??= now;
        resolve(signal);
      });
    }
  });
}

/** By a signal: on Node, process.exit waits for a writing thread, which may wait for its disk. */
function endAtOnce(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, endSignal(signal, process.platform));
}

async function stop(service: Service, config: Config, log: Log): Promise<never> {
  const overdue = setTimeout(
    () => {
      log.fatal({}, 'stopping took too long');
      endAtOnce('SIGTERM');
    },
    config.shutdownDelayMs + config.shutdownTimeoutMs + closeGraceMs,
  );
  await service.stop();
  clearTimeout(overdue);
  log.info({}, 'stopped');
  await flushInTime(log);
  process.exit(0);
}
