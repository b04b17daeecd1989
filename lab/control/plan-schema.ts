/** The form of a plan and of a search for the limit, with their defaults. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { planBounds } from './run-plan.ts';

type Bounds = readonly [min: number, max: number];

const durationBounds: Bounds = [0.1, planBounds.seconds[1]];

/** Half of the cores are for the service. */
const defaultWorkers = Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2)));

function shown(value: unknown): string {
  if (value === undefined) return '';
  return `, not ${JSON.stringify(value)?.slice(0, 80) ?? typeof value}`;
}

function numberIn([min, max]: Bounds) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `Please give a number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}${shown(input)}.`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

function wholeNumberIn([min, max]: Bounds) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `Please give a whole number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}${shown(input)}.`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function yesOrNo() {
  return z.boolean({ error: ({ input }) => `Please give true or false${shown(input)}.` });
}

function text(what: string) {
  return z.string({ error: ({ input }) => `Please give ${what}${shown(input)}.` }).max(500, {
    error: `Please give ${what}, of at most 500 characters.`,
  });
}

const rate = numberIn(planBounds.perSecond);
const duration = numberIn(durationBounds);
const users = wholeNumberIn(planBounds.users);

const profileSchema = z.discriminatedUnion(
  'shape',
  [
    z.strictObject({ shape: z.literal('constant'), perSecond: rate }),
    z.strictObject({
      shape: z.literal('ramp'),
      fromPerSecond: rate,
      toPerSecond: rate,
      overSeconds: duration,
    }),
    z
      .strictObject({
        shape: z.literal('step'),
        fromPerSecond: rate,
        byPerSecond: rate,
        everySeconds: duration,
        toPerSecond: rate,
      })
      .refine(({ fromPerSecond, toPerSecond }) => fromPerSecond <= toPerSecond, {
        path: ['toPerSecond'],
        error: 'Steps go up: please give at least as much as in fromPerSecond.',
      }),
    z.strictObject({
      shape: z.literal('spike'),
      perSecond: rate,
      peakPerSecond: rate,
      atSecond: numberIn([0, planBounds.seconds[1]]),
      forSeconds: duration,
    }),
    z
      .strictObject({
        shape: z.literal('sine'),
        perSecond: rate,
        amplitudePerSecond: rate,
        periodSeconds: duration,
      })
      .refine(({ perSecond, amplitudePerSecond }) => amplitudePerSecond <= perSecond, {
        path: ['amplitudePerSecond'],
        error: 'There is no rate below zero: please give at most as much as in perSecond.',
      }),
  ],
  { error: 'Please give one of these shapes: constant, ramp, step, spike, sine.' },
);

const paceKinds = { error: 'Please give one of these kinds: users, arrivals.' };

export const paceSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('users'),
      users: users.default(1_000),
      spawnPerSecond: numberIn(planBounds.spawnPerSecond).default(100),
    }),
    z.strictObject({
      kind: z.literal('arrivals'),
      profile: profileSchema,
      usersMax: users.default(1_000),
    }),
  ],
  paceKinds,
);

const objectiveSchema = z.strictObject({
  p99MsMax: numberIn([0.01, planBounds.timeoutMs[1]]).nullable().default(null),
  failureShareMax: numberIn([0, 1]).nullable().default(null),
  requestsPerSecondMin: numberIn(planBounds.perSecond).nullable().default(null),
});

export const planSchema = z.strictObject({
  scenario: text('the name of a scenario').default('health-check'),
  host: text('an address such as http://localhost:5000, or null').nullable().default(null),
  hostIsMine: yesOrNo().default(false),
  pace: paceSchema.prefault({ kind: 'users' }),
  seconds: numberIn(planBounds.seconds).nullable().default(60),
  warmupSeconds: numberIn(planBounds.warmupSeconds).default(0),
  connections: z
    .enum(['keep-alive', 'each-request'], {
      error: ({ input }) => `Please give keep-alive or each-request${shown(input)}.`,
    })
    .default('keep-alive'),
  workers: wholeNumberIn(planBounds.workers).default(defaultWorkers),
  seed: wholeNumberIn(planBounds.seed).default(1),
  timeoutMs: numberIn(planBounds.timeoutMs).default(30_000),
  objective: objectiveSchema.prefault({}),
});

export const searchSchema = z
  .strictObject({
    p99MsMax: numberIn([0.01, planBounds.timeoutMs[1]]).default(50),
    failureShareMax: numberIn([0, 1]).default(0.001),
    fromPerSecond: rate.default(200),
    toPerSecond: rate.default(planBounds.perSecond[1]),
    secondsPerStep: numberIn([0.5, 600]).default(5),
  })
  .refine(({ fromPerSecond, toPerSecond }) => fromPerSecond <= toPerSecond, {
    path: ['toPerSecond'],
    error: 'The search goes up: please give at least as much as in fromPerSecond.',
  });

export const faultAskedSchema = z.strictObject({
  name: text('the name of a fault'),
  /** As long as the fault usually lasts unless given. */
  durationMs: numberIn([100, 120_000]).optional(),
});
