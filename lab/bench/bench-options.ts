import { parseArgs } from 'node:util';
import { type EngineName, engineNames } from './bench-engines.ts';

export type RuntimeName = 'bun' | 'node';
export const sideNames = ['ceiling', 'textbook', 'nozama', 'storage', 'fdatasync'] as const;
export type SideName = (typeof sideNames)[number];
/** The ones that have a database. */
export type StoringSide = 'nozama' | 'textbook';

export interface BenchOptions {
  /** What Nozama and the textbook store their orders in. */
  readonly engine: EngineName;
  /** Each round measures everything once; every other round in reverse order. */
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly connections: number;
  readonly sides: readonly SideName[];
  /** Only measurements whose id contains one of these; empty for all. */
  readonly only: readonly string[];
  readonly runtimes: readonly RuntimeName[];
  /** How many orders a filled database holds; 0 leaves those measurements out. */
  readonly ordersStored: number;
  /** Length of one long run of the pipeline at the end; 0 leaves it out. */
  readonly soakSeconds: number;
  /** Where databases are kept and written; null for the temporary folder. */
  readonly folder: string | null;
}

export const usage = `bun lab/bench/bench.ts
  --engine sqlite       sqlite or postgres, which is started for the benchmark
  --rounds 5            rounds, each measuring everything once
  --seconds 5           measured window of each run
  --warmup-seconds 2    before the window opens
  --connections 64
  --quick               2 rounds of 1 second
  --sides a,b           of ${sideNames.join(', ')}
  --only a,b            only measurements whose id contains one of these
  --runtime bun         bun, node or both
  --orders-stored N     also with a database that holds N orders, such as 1000000
  --soak-seconds N      also one long run of N seconds, such as 600
  --folder path         for databases; must be on the disk to be measured
`;

/** @throws RangeError naming every mistake */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: text,
      rounds: text,
      seconds: text,
      'warmup-seconds': text,
      connections: text,
      quick: { type: 'boolean', default: false },
      sides: text,
      only: text,
      runtime: text,
      'orders-stored': text,
      'soak-seconds': text,
      folder: text,
    },
  });
  const mistakes: string[] = [];
  const number = (name: string, given: string | undefined, standard: number, min: number, max: number) => {
    const value = given === undefined ? standard : Number(given);
    if (!(value >= min && value <= max)) mistakes.push(`--${name} is ${given}, not ${min} to ${max}`);
    return value;
  };
  const { quick } = values;
  const sides = list(values.sides);
  for (const side of sides) if (!isSideName(side)) mistakes.push(`--sides knows no ${side}`);
  const runtime = values.runtime ?? 'bun';
  if (!['bun', 'node', 'both'].includes(runtime))
    mistakes.push(`--runtime is ${runtime}, not bun, node or both`);
  const engine = engineNames.find((name) => name === (values.engine ?? 'sqlite'));
  if (engine === undefined) mistakes.push(`--engine is ${values.engine}, not ${engineNames.join(' or ')}`);
  const options: BenchOptions = {
    engine: engine ?? 'sqlite',
    rounds: Math.round(number('rounds', values.rounds, quick ? 2 : 5, 1, 100)),
    seconds: number('seconds', values.seconds, quick ? 1 : 5, 0.2, 600),
    warmupSeconds: number('warmup-seconds', values['warmup-seconds'], quick ? 0.5 : 2, 0, 60),
    connections: Math.round(number('connections', values.connections, 64, 1, 1_024)),
    sides: sides.length === 0 ? sideNames : sides.filter(isSideName),
    only: list(values.only),
    runtimes: runtime === 'both' ? ['bun', 'node'] : [runtime === 'node' ? 'node' : 'bun'],
    ordersStored: Math.round(number('orders-stored', values['orders-stored'], 0, 0, 100_000_000)),
    soakSeconds: number('soak-seconds', values['soak-seconds'], 0, 0, 3_600),
    folder: values.folder ?? null,
  };
  if (mistakes.length > 0) throw new RangeError(mistakes.join('; '));
  return options;
}

function list(given: string | undefined): readonly string[] {
  return given === undefined ? [] : given.split(',').filter((item) => item !== '');
}

function isSideName(name: string): name is SideName {
  return (sideNames as readonly string[]).includes(name);
}
