/** The command line: `nozama <command>`. Each command loads what it needs and nothing else. */

import { loadConfig } from './load-config.ts';
import { programVersion } from './program-version.ts';
import { isRefusal } from './refusals.ts';

const usage = `Nozama takes product orders.

Usage: nozama [command]

  serve     take orders (the default)
  migrate   bring the database to this program's schema
  seed      load the demo catalogue into a shop without products
  verify    recount everything from the orders; exit code 1 on any difference
  copy      move a shop to PostgreSQL: copy --from sqlite:FILE --to postgres://…; see copy --help
  --help    this text
  --version the version

The configuration comes from the environment and from .env; see .env.example.
`;

const print = (text: string) => {
  process.stdout.write(text);
};

/** Commands that take no arguments. */
const commands: Readonly<Record<string, () => Promise<number | undefined>>> = {
  serve: async () => {
    const { serveCommand } = await import('./serve.ts');
    await serveCommand();
    return undefined;
  },
  migrate: async () => {
    const { migrateCommand } = await import('./migrate.ts');
    return migrateCommand(loadConfig(), print);
  },
  seed: async () => {
    const { seedCommand } = await import('./seed.ts');
    const config = loadConfig();
    return seedCommand(config, { demoStock: config.demoStock, nowMs: Date.now() }, print);
  },
  verify: async () => {
    const { verifyCommand } = await import('./verify.ts');
    return verifyCommand(loadConfig(), print);
  },
  '--help': async () => {
    print(usage);
    return 0;
  },
  '--version': async () => {
    print(`${programVersion()}\n`);
    return 0;
  },
};

/** Commands that read their arguments themselves. */
const commandsWithArguments: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  copy: async (args) => {
    const { copyCommand, parseCopyArguments } = await import('./copy.ts');
    const parsed = parseCopyArguments(args);
    if ('text' in parsed) {
      (parsed.exitCode === 0 ? process.stdout : process.stderr).write(parsed.text);
      return parsed.exitCode;
    }
    const { stdout } = process;
    const columns = () => stdout.columns ?? 80;
    const output = { write: print, isTerminal: stdout.isTTY === true, columns, nowMs: Date.now };
    return copyCommand(loadConfig(), parsed, output);
  },
};

function findCommand(name: string, rest: readonly string[]): (() => Promise<number | undefined>) | undefined {
  if (Object.hasOwn(commandsWithArguments, name)) {
    const command = commandsWithArguments[name];
    return command && (() => command(rest));
  }
  return Object.hasOwn(commands, name) && rest.length === 0 ? commands[name] : undefined;
}

async function run(args: readonly string[]): Promise<void> {
  const [name = 'serve', ...rest] = args;
  const command = findCommand(name, rest);
  if (command === undefined) {
    const unknown = Object.hasOwn(commands, name) ? rest.join(' ') : name;
    process.stderr.write(`nozama doesn't know "${unknown}". See nozama --help.\n`);
    process.exitCode = 2;
    return;
  }
  try {
    const exitCode = await command();
    if (exitCode !== undefined) process.exitCode = exitCode;
  } catch (error) {
    const text = isRefusal(error) ? error.message : String((error as Error)?.stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

await run(process.argv.slice(2));
