/** `make drill`, its first part: every fault during load, on each engine. Exit code 1 when anything broke. */
import { NoPostgresError } from '../postgres/postgres-server.ts';
import { readDrillOptions, usage } from './drill-options.ts';
import { drillTable } from './drill-table.ts';
import { faults } from './faults.ts';
import { type DrillResult, runDrill } from './run-drill.ts';

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const options = readDrillOptions(args);
  const results: DrillResult[] = [];
  let isMissing = false;
  for (const engine of options.engines) {
    for (const fault of faults) {
      if (!options.only.includes(fault.name)) continue;
      process.stdout.write(`${fault.name} on ${engine}\n`);
      const say = (text: string) => process.stdout.write(`  ${text}\n`);
      try {
        results.push(await runDrill(fault, engine, options, say));
      } catch (error) {
        if (!(error instanceof NoPostgresError)) throw error;
        process.stderr.write(`NOT DONE on ${engine}: ${error.message}\n`);
        // In CI there must be one.
        isMissing = process.env['CI'] === 'true';
        break;
      }
    }
  }
  process.stdout.write(`\n${drillTable(results)}\n`);
  const isDone = results.some(({ impossible }) => impossible === null);
  return !isMissing && isDone && results.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
