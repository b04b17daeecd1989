/** The command line: `nozama <command>`. Each command loads only the modules that it needs. */

import { writeSync } from 'node:fs';
import { readBuild } from '../program/build.ts';
import { OperatorError } from '../program/operator-error.ts';
import { type Command, readArguments, UsageError } from './command.ts';

interface Entry {
  /** A line of the general help. */
  readonly about: string;
  load(): Promise<{ readonly command: Command }>;
}

const entries: Readonly<Record<string, Entry>> = {
  serve: { about: 'take orders (the default)', load: () => import('./serve.ts') },
  migrate: { about: "bring the database to this program's schema", load: () => import('./migrate.ts') },
  seed: { about: 'load the demo catalogue into a shop without products', load: () => import('./seed.ts') },
  catalog: { about: 'import products from a list, or export them', load: () => import('./catalog.ts') },
  stock: { about: 'receive and adjust stock, and list its movements', load: () => import('./stock.ts') },
  customers: { about: 'erase the personal data of customers', load: () => import('./customers.ts') },
  verify: {
    about: 'recount everything from the orders; exit code 1 on any difference',
    load: () => import('./verify.ts'),
  },
  lake: {
    about: 'write the shop’s facts as Delta tables, for Spark, DuckDB and others',
    load: () => import('./lake.ts'),
  },
  bigquery: {
    about: 'load the shop’s facts into BigQuery',
    load: () => import('./bigquery.ts'),
  },
  keys: { about: 'make, list and revoke API keys', load: () => import('./keys.ts') },
  health: {
    about: 'ask a running service whether it can take an order now',
    load: () => import('./health.ts'),
  },
  copy: { about: 'move a shop from SQLite to PostgreSQL', load: () => import('./copy.ts') },
  backup: { about: 'back up a SQLite shop that goes on selling', load: () => import('./backup.ts') },
  backups: { about: 'list the backups in a location', load: () => import('./backups.ts') },
  restore: { about: 'make a shop from a backup', load: () => import('./restore.ts') },
};

function generalUsage(): string {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  const lines = Object.entries(entries).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return `Nozama takes product orders.

Usage: nozama [command]

${lines.join('\n')}

  nozama <command> --help   what it does, its options and exit codes
  nozama --version          the version

The configuration comes from the environment and from .env; nozama serve --help lists the usual settings.
To begin, run nozama and open http://localhost:5000; it makes its database in ./data.
`;
}

/** @throws UsageError */
async function run(name: string, args: readonly string[]): Promise<number | undefined> {
  if (name === 'help' && args.length > 0) {
    if (args.length > 1) throw new UsageError('nozama help takes one command.');
    return run(args[0] ?? '', ['--help']);
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(generalUsage());
    return 0;
  }
  if (name === '--version') {
    if (args.length > 0) throw new UsageError('nozama --version takes no arguments.');
    const { version, commit, date } = readBuild();
    process.stdout.write(commit === null ? `${version}\n` : `${version} (${commit}, ${date})\n`);
    return 0;
  }
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry === undefined) throw new UsageError(`nozama doesn't know "${name}".`);
  const { command } = await entry.load();
  const given = readArguments(name, command, args);
  if (given !== null) return command.run(given);
  process.stdout.write(command.usage);
  return 0;
}

/** For commands that print a result. serve writes its log in another way, and goes on without a reader. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has gone needs no sentence.
  if (error.code !== 'EPIPE') writeSync(2, `Standard output can't be written: ${error.message}\n`);
  process.exit(1);
});

const [name = 'serve', ...args] = process.argv.slice(2);
try {
  const exitCode = await run(name, args);
  if (exitCode !== undefined) process.exitCode = exitCode;
} catch (error) {
  if (error instanceof UsageError) {
    const help = Object.hasOwn(entries, name) ? `nozama ${name} --help` : 'nozama --help';
    process.stderr.write(`${error.message} See ${help}.\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(
      `${error instanceof OperatorError ? error.message : String((error as Error)?.stack ?? error)}\n`,
    );
    process.exitCode = 1;
  }
}
