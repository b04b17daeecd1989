/**
 * The load generator as a program: `bun lab/load/load.ts --url http://127.0.0.1:5000 --scenario-name pipeline`.
 * Options are those of LoadOptions in kebab-case, or all at once as `--json '{"url":…}'`; the result is one
 * JSON document on standard output.
 */
import { parseArgs } from 'node:util';
import { checkLoadOptions, defaultLoadOptions, type LoadOptions } from './load-options.ts';
import { runLoad } from './run-load.ts';
import { prepareWorkload } from './service-orders.ts';

/** On top of all the run's own times; a generator that is still there then has a fault. */
const graceMs = 30_000;

function readOptions(): LoadOptions {
  const names = ['url', ...Object.keys(defaultLoadOptions)];
  const flags: [string, { type: 'string' }][] = ['json', ...names.map(toKebabCase)].map((flag) => [
    flag,
    { type: 'string' },
  ]);
  const { values }: { values: Record<string, unknown> } = parseArgs({ options: Object.fromEntries(flags) });
  const { json } = values as { json?: string };
  const given: Record<string, unknown> = json === undefined ? {} : JSON.parse(json);
  for (const name of names) {
    const text = values[toKebabCase(name)];
    if (typeof text === 'string') given[name] = parseValue(name, text);
  }
  return checkLoadOptions(given as Partial<LoadOptions>);
}

function parseValue(name: string, text: string): unknown {
  const standard: unknown = (defaultLoadOptions as Record<string, unknown>)[name];
  if (typeof standard === 'number') return Number(text);
  if (!Array.isArray(standard)) return text;
  const items = text.split(',').filter((item) => item !== '');
  return name === 'acceptStatuses' ? items.map(Number) : items;
}

function toKebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

try {
  const options = readOptions();
  const ownMs = (options.warmupSeconds + options.seconds + options.drainSeconds) * 1_000;
  setTimeout(() => {
    process.stderr.write('the load generator did not end in time\n');
    process.exit(3);
  }, ownMs + graceMs).unref();
  const result = await runLoad({ ...options, ...(await prepareWorkload(options)) });
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
