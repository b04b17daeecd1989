/** `nozama lake verify`: compares the lake with the shop. It only reads. */

import { assertNoFiles } from '../events/lake/lake-session.ts';
import { lakeOptions } from '../events/lake/lake-sinks.ts';
import { readTable } from '../events/lake/read-table.ts';
import { differencesMax, verifyTable } from '../events/lake/verify-table.ts';
import { type LakeConfig, lakeStore } from '../lake-writer/open-lake.ts';
import { OperatorError } from '../program/operator-error.ts';
import { databaseAt } from '../storage/engines.ts';
import { counted, grouped } from './figures.ts';
import { showProgress } from './progress.ts';

export async function run(config: LakeConfig): Promise<number> {
  const store = lakeStore(config);
  const progress = showProgress();
  const shop = await databaseAt(config.databaseUrl, config.engineSettings).openLog();
  let differences = 0;
  try {
    const { personalData } = config;
    const tables = await lakeOptions({ store, shop, personalData, nowMs: Date.now, newId: () => '' });
    for (const options of tables) {
      const { name } = options.table;
      let rows = 0;
      const onProgress = (more: number) => {
        rows += more;
        progress.show(`comparing ${name}`, `${grouped(rows)} rows`);
      };
      const { words, found } = await verify({ ...options, shop, onProgress });
      progress.end();
      process.stdout.write(words);
      differences += found;
    }
  } finally {
    progress.end();
    await shop.close();
  }
  process.stdout.write(
    differences === 0 ? 'The lake agrees with the shop.\n' : `${counted(differences, 'difference')} found.\n`,
  );
  return differences === 0 ? 0 : 1;
}

type Options = Parameters<typeof verifyTable>[1];

async function verify(options: Options): Promise<{ readonly words: string; readonly found: number }> {
  const { files, table } = options;
  try {
    const state = await readTable(files);
    if (state === null) {
      await assertNoFiles(files);
      return { words: `FAIL  ${table.name} is not there\n`, found: 1 };
    }
    const { rows, position, differences } = await verifyTable(state, options);
    const shown = differences.slice(0, differencesMax).map((sentence) => `        ${sentence}\n`);
    const more = differences.length - shown.length;
    if (more > 0) shown.push(`        and ${grouped(more)} more\n`);
    const verdict = differences.length === 0 ? '  ok' : 'FAIL';
    const words = `${verdict}  ${table.name} (${counted(rows, 'row')}, up to position ${grouped(position)})\n`;
    return { words: `${words}${shown.join('')}`, found: differences.length };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { words: `FAIL  ${table.name}\n        ${error.message}\n`, found: 1 };
  }
}
