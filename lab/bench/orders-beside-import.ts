/**
 * How long orders take while the command line imports a catalogue into the same shop. The same service is measured with
 * and without an import, in turn; every import adds new products, and is followed by the next until the load has ended.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadResult } from '../load/run-load.ts';
import { runLoadProcess } from './load-process.ts';
import { importProductList, writeProductList } from './product-list.ts';
import { inTurn } from './rounds.ts';
import { nozamaSide } from './sides.ts';
import { spreadOf } from './statistics.ts';
import { formatTable } from './text-table.ts';

const ordersPerSecond = 300;
const seconds = 8;
const warmupSeconds = 2;
const linesPerList = 10_000;
const rounds = 4;

const kinds = ['orders alone', 'beside an import'] as const;
type Measured = Pick<LoadResult, 'latency' | 'voidReasons'>;

export async function ordersBesideImport(bun: string, home: string, databaseUrl: string): Promise<string> {
  const folder = mkdtempSync(join(home, 'beside-'));
  const running = await nozamaSide('bun').start({
    folder,
    databaseUrl,
    answersFile: null,
    pageBytes: 0,
    env: {},
  });
  let lists = 0;

  async function importUntil(hasEnded: () => boolean): Promise<number> {
    let imported = 0;
    while (!hasEnded()) {
      lists += 1;
      const list = join(folder, `list-${lists}.csv`);
      await writeProductList(list, linesPerList, `beside-${lists}`);
      await importProductList(list, folder, databaseUrl);
      imported += linesPerList;
    }
    return imported;
  }

  async function measure(kind: (typeof kinds)[number]): Promise<Measured & { imported: number }> {
    let hasEnded = false;
    const load = runLoadProcess(
      { bun, folder },
      {
        url: running.urls[0] ?? '',
        scenarioName: 'orders',
        mode: 'open',
        ratePerSecond: ordersPerSecond,
        seconds,
        warmupSeconds,
        skus: ['tent-4p', 'awning-mug'],
      },
      120_000,
    ).finally(() => {
      hasEnded = true;
    });
    const importing = kind === 'orders alone' ? Promise.resolve(0) : importUntil(() => hasEnded);
    const [{ latency, voidReasons, errors, unexpected }, imported] = await Promise.all([load, importing]);
    const faults = Object.keys({ ...errors, ...unexpected });
    if (faults.length > 0) throw new Error(`orders failed ${kind}: ${faults.join(', ')}`);
    return { latency, voidReasons, imported };
  }

  try {
    const turns: Record<(typeof kinds)[number], Measured[]> = { 'orders alone': [], 'beside an import': [] };
    let imported = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of inTurn(kinds, round)) {
        const measured = await measure(kind);
        turns[kind].push(measured);
        imported += measured.imported;
      }
    }
    return report(turns, imported);
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(turns: Readonly<Record<(typeof kinds)[number], Measured[]>>, imported: number): string {
  const medianOf = (kind: (typeof kinds)[number], figure: (measured: Measured) => number) =>
    spreadOf(turns[kind].map(figure))?.median ?? Number.NaN;
  const rows = (['p50Ms', 'p99Ms', 'maxMs'] as const).map((figure) => {
    const [alone, beside] = kinds.map((kind) => medianOf(kind, ({ latency }) => latency[figure]));
    const ratios = spreadOf(
      turns['orders alone'].map(
        ({ latency }, nth) => (turns['beside an import'][nth]?.latency[figure] ?? 0) / latency[figure],
      ),
    );
    const ratio =
      ratios === null ? '' : [ratios.median, ratios.min, ratios.max].map((each) => each.toFixed(1));
    return [
      figure.replace('Ms', ', ms'),
      alone?.toFixed(1) ?? '',
      beside?.toFixed(1) ?? '',
      `${ratio[0]} (${ratio[1]}–${ratio[2]})`,
    ];
  });
  const reasons = new Set(kinds.flatMap((kind) => turns[kind].flatMap(({ voidReasons }) => voidReasons)));
  const warnings = [...reasons].map((reason) => `Not to be relied on: ${reason}\n`).join('');
  return (
    `${ordersPerSecond} orders/s, open loop; ${rounds} rounds of ${seconds} s with and without; ${imported} products imported meanwhile\n` +
    `${formatTable(['', ...kinds, 'beside / alone'], rows)}\n${warnings}`
  );
}
