/** `nozama lake status`: how far the tables of the lake have come. It only reads. */

import { assertNoFiles, assertOurTable } from '../events/lake/lake-session.ts';
import { lakeOptions, type SourcedOptions } from '../events/lake/lake-sinks.ts';
import { readTable } from '../events/lake/read-table.ts';
import { assertOwnHistory, positionIn } from '../events/lake/table-position.ts';
import { buildBatch } from '../events/tables/column-builder.ts';
import { entriesIn, type TableSource } from '../events/tables/table-sources.ts';
import { type LakeConfig, lakeStore } from '../lake-writer/open-lake.ts';
import { OperatorError } from '../program/operator-error.ts';
import { databaseAt } from '../storage/engines.ts';
import { logRangeMax, type ShopLog } from '../storage/shop-log.ts';
import { counted, grouped } from './figures.ts';

const headings = ['table', 'position', 'behind', 'versions', 'files', 'bytes'];

export async function run(config: LakeConfig): Promise<number> {
  const store = lakeStore(config);
  const shop = await databaseAt(config.databaseUrl, config.engineSettings).openLog();
  const rows: (readonly string[])[] = [headings];
  const refusals: string[] = [];
  try {
    const nowMs = Date.now;
    const newId = () => '';
    const tables = await lakeOptions({ store, shop, personalData: config.personalData, nowMs, newId });
    for (const table of tables) {
      try {
        rows.push(await rowOf(table, shop));
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        refusals.push(error.message);
        rows.push([table.table.name, '', 'refused', '', '', '']);
      }
    }
    process.stdout.write(`${store.description}, of the shop ${tables[0]?.shopId}\n\n${aligned(rows)}`);
  } finally {
    await shop.close();
  }
  for (const refusal of new Set(refusals)) process.stderr.write(`${refusal}\n`);
  return refusals.length === 0 ? 0 : 1;
}

async function rowOf(options: SourcedOptions, shop: ShopLog): Promise<readonly string[]> {
  const { files, table, source, history, nowMs } = options;
  const end = await shop.readEnd(source.log);
  const state = await readTable(files);
  if (state === null) {
    await assertNoFiles(files);
    return [table.name, `none of ${grouped(end)}`, 'not made yet', '', '', ''];
  }
  assertOurTable(state, options);
  await assertOwnHistory(state, options, history, files.description);
  const position = positionIn(state, options, files.description);
  const missing = await firstMissing(source, shop, position, end);
  const missingSinceMs = missing === null ? null : await shop.readTimeAfter(source.log, missing - 1);
  let bytes = 0;
  for (const { size } of state.files.values()) bytes += size;
  return [
    table.name,
    `${grouped(position)} of ${grouped(Math.max(end, position))}`,
    missingSinceMs === null ? 'nothing' : ageOf(nowMs() - missingSinceMs),
    grouped(state.version + 1),
    grouped(state.files.size),
    grouped(bytes),
  ];
}

/** The position of the first row that the table lacks; a log also has entries that make no row in it. Null when it lacks none. */
async function firstMissing(
  { table, addRows }: TableSource,
  shop: ShopLog,
  position: number,
  end: number,
): Promise<number | null> {
  const columns = table.columns.filter(({ name }) => name === table.positionColumn);
  for (let after = position; after < end; after += logRangeMax) {
    const batch = buildBatch(columns);
    await addRows(batch, entriesIn(shop, { after, through: Math.min(after + logRangeMax, end) }));
    const first = batch.build().columns.get(table.positionColumn)?.values[0];
    if (first !== undefined) return Number(first);
  }
  return null;
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 120 ? `${seconds} s` : counted(Math.round(seconds / 60), 'minute');
}

/** The first and third column are words, the others figures. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 || column === 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => `${row.map(pad).join('  ').trimEnd()}\n`).join('');
}
