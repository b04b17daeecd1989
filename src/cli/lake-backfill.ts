/** `nozama lake backfill`: writes all that a shop has to its lake, and ends. */
import { compactTable } from '../events/lake/compact-table.ts';
import type { LakeSession } from '../events/lake/lake-session.ts';
import { type LakeConfig, openLake } from '../lake-writer/open-lake.ts';
import { OperatorError } from '../program/operator-error.ts';
import { counted, grouped } from './figures.ts';
import { showProgress } from './progress.ts';

export async function run(config: LakeConfig): Promise<number> {
  const progress = showProgress();
  const rows = new Map<string, number>();
  const beganMs = performance.now();
  progress.show('opening the lake');
  const lake = await openLake(config, {
    onWritten: ({ sink, rows: more }) => {
      const { name } = sink.source.table;
      rows.set(name, (rows.get(name) ?? 0) + more);
      progress.show('writing', `${counted(sum(rows.values()), 'row')}`);
    },
    onCompacted: () => undefined,
    onVacuumed: () => undefined,
    onUpkeepFailure: () => undefined,
  });
  try {
    while ((await lake.writer.writeNews()) === 'overtaken') await lake.writer.readPositions();
    const seconds = (performance.now() - beganMs) / 1_000;
    progress.show('making large files of small ones');
    const refused = lake.writer
      .progress()
      .flatMap(({ sink, refusal }) => (refusal === null ? [] : sink.source.table));
    const failures: string[] = [];
    for (const session of lake.upkeepSessions)
      if (!refused.includes(session.options.table)) failures.push(...(await compact(session)));
    progress.end();
    const refusals = lake.writer.progress().flatMap(({ refusal }) => refusal ?? []);
    if (refusals.length === 0 || sum(rows.values()) > 0) process.stdout.write(describe(rows, seconds));
    for (const words of [...refusals, ...failures]) process.stderr.write(`${words}\n`);
    return refusals.length + failures.length === 0 ? 0 : 1;
  } finally {
    progress.end();
    await lake.close();
  }
}

/** @returns why days stay as they are @throws a fault of the program */
async function compact(session: LakeSession): Promise<readonly string[]> {
  const { failures } = await compactTable(session, () => false);
  return failures.map((failure) => {
    if (!(failure instanceof OperatorError)) throw failure;
    return `Small files of a day can't be made large ones; their rows are there all the same. ${failure.message}`;
  });
}

function describe(rows: ReadonlyMap<string, number>, seconds: number): string {
  const written = Array.from(rows).filter(([, count]) => count > 0);
  if (written.length === 0) return 'The lake has everything already.\n';
  const lines = written.map(([table, count]) => `  ${table.padEnd(15)}  ${counted(count, 'row')}`);
  const orders = rows.get('orders') ?? 0;
  const pace = orders === 0 ? '' : `, ${grouped(Math.round(orders / seconds))} orders a second`;
  return `${lines.join('\n')}\nWritten in ${seconds.toFixed(1)} s${pace}.\n`;
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
