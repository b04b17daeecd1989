/** What CI prints at its end: skipped and failed tests by name, seconds, and the counts as the last line. */
import type { StepResult } from './step.ts';
import type { TestResult } from './test-report.ts';

type Outcome = TestResult['outcome'];

/** A failure's first lines say what failed; the whole stands in the step's own output. */
const detailLengthMax = 300;

export function summary(steps: readonly StepResult[], totalSeconds: number): string {
  const skipped = named(steps, 'skipped');
  const failed = named(steps, 'failed');
  return [
    ...(skipped.length > 0 ? ['Skipped:', ...skipped, ''] : []),
    ...(failed.length > 0 ? ['Failed:', ...failed, ''] : []),
    ...secondsTable(steps, totalSeconds),
    '',
    counts(steps),
    '',
  ].join('\n');
}

export function countOf(steps: readonly StepResult[], outcome: Outcome): number {
  return steps.reduce((sum, { results }) => sum + results.filter((one) => one.outcome === outcome).length, 0);
}

function counts(steps: readonly StepResult[]): string {
  const skipped = countOf(steps, 'skipped');
  const told = `${countOf(steps, 'passed')} passed, ${countOf(steps, 'failed')} failed`;
  return skipped === 0 ? told : `${told}, ${skipped} skipped`;
}

function named(steps: readonly StepResult[], outcome: Outcome): string[] {
  return steps.flatMap((step) =>
    step.results
      .filter((result) => result.outcome === outcome)
      .map(({ name, file, detail }) => {
        const place = file === null || file === name ? '' : `${file}: `;
        const why = detail === null ? '' : `: ${oneLine(detail)}`;
        return name === step.name ? `  ${name}${why}` : `  ${step.name}: ${place}${name}${why}`;
      }),
  );
}

function oneLine(detail: string): string {
  const line = detail.replace(/\s+/g, ' ').trim();
  return line.length > detailLengthMax ? `${line.slice(0, detailLengthMax - 1)}…` : line;
}

/** Seconds by the clock and of the processor: a step that has few of the latter waits, and can run beside another. */
function secondsTable(steps: readonly StepResult[], totalSeconds: number): string[] {
  const rows = steps.map((step) => [
    step.name,
    step.seconds.toFixed(0),
    step.processorSeconds?.toFixed(0) ?? '?',
    `${countOf([step], 'passed')}`,
    `${countOf([step], 'failed')}`,
    `${countOf([step], 'skipped')}`,
  ]);
  const processorSeconds = steps.reduce((sum, step) => sum + (step.processorSeconds ?? 0), 0);
  const table = [
    ['step', 'seconds', 'of processor', 'passed', 'failed', 'skipped'],
    ...rows,
    ['all', totalSeconds.toFixed(0), processorSeconds.toFixed(0), '', '', ''],
  ];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
