/** Compares alternatives inside one process, in turn, so that a drifting machine hurts them alike. */
export interface Alternative {
  readonly name: string;
  /** Does the work once, or `unitsPerRun` times. */
  readonly run: () => unknown;
}

const rounds = 7;
const roundMs = 300;

/** Prints the median time per unit of each and its ratio to the first, lowest and highest ratio in brackets. */
export function compare(title: string, alternatives: readonly Alternative[], unitsPerRun = 1): void {
  const microseconds = alternatives.map((): number[] => []);
  for (const { run } of alternatives) measure(run, unitsPerRun);
  for (let round = 0; round < rounds; round += 1) {
    for (const index of turns(alternatives, round)) {
      const alternative = alternatives[index];
      if (alternative !== undefined) microseconds[index]?.push(measure(alternative.run, unitsPerRun));
    }
  }
  print(title, alternatives, microseconds);
}

/** The same for work that is awaited. */
export async function compareAsync(
  title: string,
  alternatives: readonly { readonly name: string; readonly run: () => Promise<unknown> }[],
  unitsPerRun = 1,
): Promise<void> {
  const microseconds = alternatives.map((): number[] => []);
  for (const { run } of alternatives) await measureAsync(run, unitsPerRun);
  for (let round = 0; round < rounds; round += 1) {
    for (const index of turns(alternatives, round)) {
      const alternative = alternatives[index];
      if (alternative !== undefined)
        microseconds[index]?.push(await measureAsync(alternative.run, unitsPerRun));
    }
  }
  print(title, alternatives, microseconds);
}

/** A B C, then C B A, and so on. */
function turns(alternatives: readonly unknown[], round: number): readonly number[] {
  const order = alternatives.map((_, index) => index);
  return round % 2 === 1 ? order.reverse() : order;
}

function print(
  title: string,
  alternatives: readonly { readonly name: string }[],
  microseconds: readonly (readonly number[])[],
): void {
  process.stdout.write(`${title}\n`);
  const first = microseconds[0] ?? [];
  for (const [index, { name }] of alternatives.entries()) {
    const own = microseconds[index] ?? [];
    const ratios = own.map((value, round) => value / (first[round] ?? value)).sort((a, b) => a - b);
    process.stdout.write(
      `  ${name.padEnd(28)} ${median(own).toFixed(2).padStart(8)} µs   × ${median(ratios).toFixed(2)} (${ratios.at(0)?.toFixed(2)}–${ratios.at(-1)?.toFixed(2)})\n`,
    );
  }
}

function measure(run: () => unknown, unitsPerRun: number): number {
  let runs = 0;
  const startedAt = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < roundMs) {
    for (let i = 0; i < 10; i += 1) run();
    runs += 10;
    elapsedMs = performance.now() - startedAt;
  }
  return (elapsedMs * 1_000) / (runs * unitsPerRun);
}

async function measureAsync(run: () => Promise<unknown>, unitsPerRun: number): Promise<number> {
  let runs = 0;
  const startedAt = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < roundMs) {
    await run();
    runs += 1;
    elapsedMs = performance.now() - startedAt;
  }
  return (elapsedMs * 1_000) / (runs * unitsPerRun);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
