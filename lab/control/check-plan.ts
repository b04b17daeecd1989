/** Turns the given fields into a plan that can be run, or into a list of mistakes by field. */
import type { z } from 'zod';
import { isLoopback } from '../../src/program/loopback.ts';
import { otherFilesMax } from './open-files.ts';
import { faultAskedSchema, paceSchema, planSchema, searchSchema } from './plan-schema.ts';
import type { Pace, RunPlan } from './run-plan.ts';

export interface PlanMistake {
  /** Such as `pace.users`; empty when it is the plan itself. */
  readonly field: string;
  /** One sentence that names the mistake and the remedy. */
  readonly message: string;
}

export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly mistakes: readonly PlanMistake[];
  constructor(mistakes: readonly PlanMistake[]) {
    super(mistakes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('\n'));
    this.mistakes = mistakes;
  }
}

/** The surroundings that a plan must fit, besides its own bounds. */
export interface PlanSurroundings {
  /** Names of the scenarios there are; not looked at unless given. */
  readonly scenarios?: readonly string[];
  /** `ulimit -n`; not looked at unless given. */
  readonly openFilesMax?: number | null;
}

/** The objective of a search for the limit, and its range of rates. */
export type LimitSearch = z.output<typeof searchSchema>;

export type FaultAsked = z.output<typeof faultAskedSchema>;

/** Fills in the fields that were left out. @throws PlanError, with every mistake at once */
export function checkPlan(given: unknown, surroundings: PlanSurroundings = {}): RunPlan {
  const { plan, broken, mistakes } = readPlan(given);
  const isSound = (...fields: readonly (keyof RunPlan)[]) => !fields.some((field) => broken.has(field));
  if (isSound('host')) mistakes.push(...hostMistakes(plan));
  if (isSound('scenario')) mistakes.push(...scenarioMistakes(plan, surroundings));
  if (isSound('pace', 'host', 'workers')) mistakes.push(...usersMistakes(plan, surroundings));
  if (mistakes.length > 0) throw new PlanError(mistakes);
  return plan.host === null ? plan : { ...plan, host: new URL(plan.host).origin };
}

/** @throws PlanError */
export function checkPace(given: unknown, plan: RunPlan, surroundings: PlanSurroundings = {}): Pace {
  const pace = parse(paceSchema, given, 'pace');
  const mistakes = usersMistakes({ ...plan, pace }, surroundings);
  if (mistakes.length > 0) throw new PlanError(mistakes);
  return pace;
}

/** @throws PlanError */
export function checkSearch(given: unknown): LimitSearch {
  return parse(searchSchema, given, 'search');
}

/** @throws PlanError */
export function checkFaultAsked(given: unknown): FaultAsked {
  return parse(faultAskedSchema, given, 'fault');
}

/** The most users that a pace has at once. */
export function usersOf(pace: Pace): number {
  return pace.kind === 'users' ? pace.users : pace.usersMax;
}

interface PlanRead {
  /** A field with a mistake in it is as if it had been left out. */
  readonly plan: RunPlan;
  /** Fields with a mistake in their form. */
  readonly broken: ReadonlySet<string>;
  readonly mistakes: PlanMistake[];
}

/** So that a mistake in one field hides none in another. @throws PlanError when it is no plan at all */
function readPlan(given: unknown): PlanRead {
  const parsed = planSchema.safeParse(given);
  if (parsed.success) return { plan: parsed.data, broken: new Set(), mistakes: [] };
  const { issues } = parsed.error;
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, [], 'plan'));
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new PlanError(mistakes);
  const broken = new Set(issues.flatMap(({ path }) => path.slice(0, 1).map(String)));
  const sound = Object.entries(given).filter(
    ([name]) => Object.hasOwn(planSchema.shape, name) && !broken.has(name),
  );
  return { plan: planSchema.parse(Object.fromEntries(sound)), broken, mistakes };
}

function parse<Schema extends z.ZodType>(schema: Schema, given: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const prefix = what === 'pace' ? ['pace'] : [];
  throw new PlanError(parsed.error.issues.flatMap((issue) => mistakesOf(issue, prefix, what)));
}

function mistakesOf(
  issue: z.core.$ZodIssue,
  prefix: readonly string[],
  what: string,
): readonly PlanMistake[] {
  const path = [...prefix, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => ({
      field: [...path, key.slice(0, 100)].join('.'),
      message: 'There is no such field: please check its spelling, or leave it out.',
    }));
  }
  if (path.length === 0 && issue.code === 'invalid_type') {
    return [{ field: '', message: `The ${what} must be an object in JSON.` }];
  }
  return [{ field: path.join('.'), message: sentenceOf(issue) }];
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'This must be an object in JSON.';
  return issue.message;
}

function hostMistakes({ host, hostIsMine }: RunPlan): readonly PlanMistake[] {
  const mistake = (message: string) => [{ field: 'host', message }];
  if (host === null) return [];
  if (!URL.canParse(host)) {
    return mistake(`${JSON.stringify(host)} is no address: please give one such as http://localhost:5000.`);
  }
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(host);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return mistake(
      'Please give an address that begins with http:// or https://, such as http://localhost:5000.',
    );
  }
  if (username !== '' || password !== '') {
    return mistake(
      'Please leave the user name and password out of the address: they would be in the report.',
    );
  }
  if (pathname !== '/' || search !== '' || hash !== '') {
    return mistake('Please give scheme, host and port alone: scenarios bring their own paths.');
  }
  if (!isLoopback(hostname) && !hostIsMine) {
    return mistake(
      `${hostname} is not this machine: load it only if it is yours, and confirm that with hostIsMine ` +
        '(the box on the page, --host-is-mine on the command line).',
    );
  }
  return [];
}

function scenarioMistakes({ scenario }: RunPlan, { scenarios }: PlanSurroundings): readonly PlanMistake[] {
  if (scenarios === undefined || scenarios.includes(scenario)) return [];
  const message = `There is no scenario ${JSON.stringify(scenario)}; there are: ${scenarios.join(', ')}.`;
  return [{ field: 'scenario', message }];
}

function usersMistakes(
  { pace, host, workers }: RunPlan,
  { openFilesMax }: PlanSurroundings,
): readonly PlanMistake[] {
  const users = usersOf(pace);
  // The service that the lab starts itself has all of them in one process, under the same limit.
  const connections = host === null ? users : Math.ceil(users / workers);
  if (typeof openFilesMax !== 'number' || connections + otherFilesMax <= openFilesMax) return [];
  return [
    {
      field: pace.kind === 'users' ? 'pace.users' : 'pace.usersMax',
      message:
        `${users.toLocaleString('en')} users need ${connections.toLocaleString('en')} connections in one process, ` +
        `and this shell allows ${openFilesMax.toLocaleString('en')} open files (ulimit -n): please take fewer, ` +
        `or raise it with "ulimit -n ${connections + otherFilesMax}".`,
    },
  ];
}
