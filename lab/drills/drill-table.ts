/** The table that `make drill` prints. */
import { formatTable } from '../bench/text-table.ts';
import type { DrillResult } from './run-drill.ts';

const header = [
  'Fault',
  'Engine',
  'Times',
  'Orders acknowledged',
  'Unanswered',
  'Requests failed',
  'Longest gap',
  'Recovered',
  'Ledger',
  'Verify',
  'Verdict',
];

export function drillTable(results: readonly DrillResult[]): string {
  const done = results.filter(({ impossible }) => impossible === null);
  const lines = [formatTable(header, done.map(row)), ''];
  for (const { fault, engine, problems } of done) {
    for (const problem of problems) lines.push(`BROKEN  ${fault} on ${engine}: ${problem}`);
  }
  for (const { fault, engine, impossible } of results) {
    if (impossible !== null) lines.push(`not done  ${fault} on ${engine}: ${impossible}`);
  }
  lines.push(
    '',
    'Longest gap: time without a good answer to any shopper, to a quarter of a second. Ledger: every 201 is stored, once,',
    'as it was acknowledged and as it was sent; every unanswered order is settled by sending it again with its key;',
    'stock before minus stock after equals the units sold. Verify: nozama verify recounts the whole database.',
  );
  return lines.join('\n');
}

function row(result: DrillResult): string[] {
  const number = (value: number) => value.toLocaleString('en');
  return [
    result.fault,
    result.engine,
    number(result.count),
    number(result.acknowledged),
    number(result.unanswered),
    number(result.failedRequests),
    `${result.longestGapSeconds.toFixed(2)} s`,
    result.isRecovered ? 'yes' : 'NO',
    result.truth?.kind ?? '–',
    result.verifyCode === 0 ? 'agrees' : 'DIFFERS',
    result.problems.length === 0 ? 'kept' : 'BROKEN',
  ];
}
