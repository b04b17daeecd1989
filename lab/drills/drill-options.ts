/** The options of `make drill`. */
import { parseArgs } from 'node:util';
import { faults } from './faults.ts';

export const drillEngines = ['sqlite', 'postgres'] as const;
export type DrillEngine = (typeof drillEngines)[number];

export interface DrillOptions {
  /** Names of faults. */
  readonly only: readonly string[];
  readonly engines: readonly DrillEngine[];
  readonly runtime: 'bun' | 'node';
  /** How often each fault is done. */
  readonly count: number;
  /** Of load before the first fault, after each, and so after the last. */
  readonly seconds: number;
  /** How long each fault lasts, in milliseconds; null for its usual time. */
  readonly faultMs: number | null;
  readonly users: number;
}

const names = faults.map(({ name }) => name);

export const usage = `bun lab/drills/drill.ts
  --only a,b         of ${names.join(', ')}
  --engine both      sqlite, postgres or both
  --runtime bun      bun or node, for the service
  --count 3          how often each fault is done, 1 to 1000
  --seconds 2        of load before, between and after the faults, 0.5 to 600
  --fault-seconds N  how long each fault lasts, 0.1 to 600; what is usual for it unless told
  --users 32         at the same time, 1 to 1000
  --quick            once, with 1 second of load before and after
`;

/** @throws RangeError or TypeError naming every mistake */
export function readDrillOptions(args: readonly string[]): DrillOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      engine: text,
      runtime: text,
      count: text,
      seconds: text,
      'fault-seconds': text,
      users: text,
      quick: { type: 'boolean', default: false },
    },
  });
  const mistakes: string[] = [];
  const number = (name: string, given: string | undefined, standard: number, min: number, max: number) => {
    const value = given === undefined ? standard : Number(given);
    if (!(value >= min && value <= max)) mistakes.push(`--${name} is ${given}, not ${min} to ${max}`);
    return value;
  };
  const whole = (...bounds: Parameters<typeof number>) => {
    const value = number(...bounds);
    if (!Number.isInteger(value)) mistakes.push(`--${bounds[0]} is ${bounds[1]}, not a whole number`);
    return value;
  };
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  for (const name of only) {
    if (!names.includes(name)) mistakes.push(`--only knows no ${name}, but ${names.join(', ')}`);
  }
  const engine = values.engine ?? 'both';
  const engines = drillEngines.filter((one) => engine === 'both' || engine === one);
  if (engines.length === 0) mistakes.push(`--engine is ${engine}, not sqlite, postgres or both`);
  const runtime = values.runtime ?? (process.env['RUNTIME'] || 'bun');
  if (runtime !== 'bun' && runtime !== 'node') mistakes.push(`--runtime is ${runtime}, not bun or node`);
  const faultSeconds = values['fault-seconds'];
  const options: DrillOptions = {
    only: only.length === 0 ? names : only,
    engines,
    runtime: runtime === 'node' ? 'node' : 'bun',
    count: whole('count', values.count, values.quick ? 1 : 3, 1, 1_000),
    seconds: number('seconds', values.seconds, values.quick ? 1 : 2, 0.5, 600),
    faultMs: faultSeconds === undefined ? null : 1_000 * number('fault-seconds', faultSeconds, 1, 0.1, 600),
    users: whole('users', values.users, 32, 1, 1_000),
  };
  if (mistakes.length > 0) throw new RangeError(mistakes.join('; '));
  return options;
}
