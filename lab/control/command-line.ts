/** The options of the command line and the environment, before they are checked. */
import { parseArgs } from 'node:util';
import type { LabServiceOptions } from './lab-desk.ts';

export const commandNames = ['run', 'limit', 'gui'] as const;
export type CommandName = (typeof commandNames)[number];

export interface LabCommand {
  readonly name: CommandName;
  /** For checkPlan. */
  readonly plan: unknown;
  /** For checkSearch; null unless `limit`. */
  readonly search: unknown;
  readonly service: LabServiceOptions;
  readonly port: number;
  readonly resultsFolder: string;
}

/** One sentence that names the mistake on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `Usage: lab.ts run|limit|gui [options]

  run     loads the service, checks that nothing is lost, and ends with 1 when a stated limit is broken
  limit   raises the arrival rate until the objective breaks, and reports the rate that holds
  gui     serves the lab's page on http://localhost:8089

What is loaded
  --scenario NAME             a file of lab/scenarios (health-check)
  --host URL                  a service that runs already; without it, or HOST, the lab starts one of its own
  --host-is-mine              confirms that a host that is not this machine is yours (HOST_IS_MINE=true)
How
  --users N                   at once (1000)             --spawn-per-second N    more of them each second (100)
  --per-second N              instead: requests due each second, whatever the answers
  --arrivals JSON             instead: such as {"shape":"spike","perSecond":100,"peakPerSecond":900,"atSecond":10,"forSeconds":5}
  --users-max N               with these: at once (1000)
  --seconds N                 of the measured part (60)  --warmup-seconds N      before it (0)
  --connections KIND          keep-alive or each-request --timeout-ms N          for one answer (30000)
  --workers N                 generator processes        --seed N                of the random data (1)
What must hold (ends with 1 when it does not)
  --p99-ms-max N              --failure-share-max N      0 to 1
  --requests-per-second-min N
limit only
  --from-per-second N (200)   --to-per-second N          --seconds-per-step N (5)
The service that the lab starts
  --engine sqlite|postgres    --runtime bun|node         --stock N               units of each product
  --small-disk                its database on a small file system, which can be filled
gui only
  --port N                    8089, or LAB_PORT

Files go to lab-results/, or to LAB_RESULTS. Bad usage ends with 2.
`;

const numberFlags = {
  users: ['pace', 'users'],
  'spawn-per-second': ['pace', 'spawnPerSecond'],
  'per-second': ['profile', 'perSecond'],
  'users-max': ['pace', 'usersMax'],
  seconds: ['plan', 'seconds'],
  'warmup-seconds': ['plan', 'warmupSeconds'],
  workers: ['plan', 'workers'],
  seed: ['plan', 'seed'],
  'timeout-ms': ['plan', 'timeoutMs'],
  'p99-ms-max': ['objective', 'p99MsMax'],
  'failure-share-max': ['objective', 'failureShareMax'],
  'requests-per-second-min': ['objective', 'requestsPerSecondMin'],
  'from-per-second': ['search', 'fromPerSecond'],
  'to-per-second': ['search', 'toPerSecond'],
  'seconds-per-step': ['search', 'secondsPerStep'],
  stock: ['service', 'stock'],
  port: ['service', 'port'],
} as const;

const textFlags = ['scenario', 'host', 'arrivals', 'connections', 'engine', 'runtime'] as const;
const yesFlags = ['host-is-mine', 'small-disk', 'help'] as const;

const stockBounds = [0, 1_000_000_000] as const;
const defaultPort = 8_089;

type Environment = Readonly<Record<string, string | undefined>>;
type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Null when help was asked for. @throws UsageError */
export function readCommand(args: readonly string[], env: Environment): LabCommand | null {
  const [name = '', ...rest] = args;
  if (args.includes('--help') || name === 'help') return null;
  const known = commandNames.find((one) => one === name);
  if (known === undefined) {
    throw new UsageError(`There is no command ${JSON.stringify(name)}: please give run, limit or gui.`);
  }
  const flags = readFlags(rest);
  const groups = { pace: {}, profile: {}, plan: {}, objective: {}, search: {}, service: {} };
  for (const [flag, [group, field]] of Object.entries(numberFlags)) {
    const text = flags[flag];
    if (typeof text === 'string') Object.assign(groups[group], { [field]: numberOf(flag, text) });
  }
  if (known !== 'limit' && Object.keys(groups.search).length > 0) {
    throw new UsageError('--from-per-second, --to-per-second and --seconds-per-step are for limit only.');
  }
  const { stock, port } = groups.service as { stock?: number; port?: number };
  const { p99MsMax, failureShareMax } = groups.objective as Record<string, number>;
  const objective = {
    ...(p99MsMax !== undefined && { p99MsMax }),
    ...(failureShareMax !== undefined && { failureShareMax }),
  };
  return {
    name: known,
    plan: {
      ...groups.plan,
      ...(typeof flags['scenario'] === 'string' && { scenario: flags['scenario'] }),
      ...(typeof flags['connections'] === 'string' && { connections: flags['connections'] }),
      ...paceOf(flags, groups.pace, groups.profile),
      host: hostOf(flags['host'], env),
      hostIsMine: flags['host-is-mine'] === true || env['HOST_IS_MINE'] === 'true',
      ...(known !== 'limit' && { objective: groups.objective }),
    },
    search: known === 'limit' ? { ...groups.search, ...objective } : null,
    service: {
      engine: oneOf('engine', flags['engine'], ['sqlite', 'postgres']),
      runtime: oneOf('runtime', flags['runtime'], ['bun', 'node']),
      isOnSmallDisk: flags['small-disk'] === true,
      stock: stock === undefined ? null : wholeOf('--stock', stock, stockBounds),
    },
    port: portOf(port, env),
    resultsFolder: env['LAB_RESULTS'] || 'lab-results',
  };
}

function readFlags(args: readonly string[]): Flags {
  const options = Object.fromEntries([
    ...[...Object.keys(numberFlags), ...textFlags].map((flag) => [flag, { type: 'string' as const }]),
    ...yesFlags.map((flag) => [flag, { type: 'boolean' as const }]),
  ]);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values as Flags;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.?\n|\. /);
    throw new UsageError(`${sentence}: please see lab.ts --help.`);
  }
}

function paceOf(flags: Flags, pace: object, profile: object): { readonly pace?: unknown } {
  const { arrivals } = flags;
  const isOpen = arrivals !== undefined || 'perSecond' in profile;
  if (!isOpen) {
    if ('usersMax' in pace) throw new UsageError('--users-max needs --per-second or --arrivals.');
    return Object.keys(pace).length === 0 ? {} : { pace: { kind: 'users', ...pace } };
  }
  if ('users' in pace || 'spawnPerSecond' in pace) {
    throw new UsageError('--users and --spawn-per-second do not go with --per-second or --arrivals.');
  }
  if (arrivals === undefined) {
    return { pace: { kind: 'arrivals', profile: { shape: 'constant', ...profile }, ...pace } };
  }
  if ('perSecond' in profile) throw new UsageError('Please give --per-second or --arrivals, not both.');
  try {
    return { pace: { kind: 'arrivals', profile: JSON.parse(String(arrivals)), ...pace } };
  } catch {
    throw new UsageError(`--arrivals is ${JSON.stringify(arrivals)}, which is not JSON.`);
  }
}

/** `localhost:5000` is how people write it. */
function hostOf(flag: string | boolean | undefined, env: Environment): string | null {
  const given = typeof flag === 'string' ? flag : env['HOST'];
  if (given === undefined || given === '') return null;
  return given.includes('://') ? given : `http://${given}`;
}

function numberOf(flag: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (text.trim() === '' || Number.isNaN(value)) {
    throw new UsageError(`--${flag} is ${JSON.stringify(text)}, which is not a number.`);
  }
  return value;
}

function oneOf<Choice extends string>(
  flag: string,
  given: string | boolean | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (given === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === given);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`--${flag} is ${JSON.stringify(given)}: please give ${choices.join(' or ')}.`);
}

function portOf(flag: number | undefined, env: Environment): number {
  if (flag !== undefined) return wholeOf('--port', flag, [0, 65_535]);
  const given = env['LAB_PORT'];
  return given === undefined || given === '' ? defaultPort : wholeOf('LAB_PORT', Number(given), [0, 65_535]);
}

function wholeOf(name: string, value: number, [min, max]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}.`);
}
