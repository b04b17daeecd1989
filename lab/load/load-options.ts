import { isLoopback } from '../../src/program/loopback.ts';
import { type WorkloadName, workloadNames } from './workload.ts';

export interface LoadOptions {
  /** Where the service listens, such as `http://127.0.0.1:5000`; loopback only. */
  readonly url: string;
  /** Other instances of the same service: connections are dealt out to all of them in turn. */
  readonly otherUrls: readonly string[];
  readonly scenarioName: WorkloadName;
  /**
   * `closed`: each connection sends again as soon as it is answered, which finds the peak.
   * `open`: requests are due at times that do not depend on answers, which finds the latency.
   */
  readonly mode: 'closed' | 'open';
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Requests a second, in open loop. */
  readonly ratePerSecond: number;
  /** In open loop: as independent customers arrive, or evenly spaced. */
  readonly arrivals: 'poisson' | 'even';
  readonly seed: number;
  readonly keyKind: 'uuidv7' | 'uuidv4';
  /** The SKUs to order; empty means all that the service lists as active and in stock. */
  readonly skus: readonly string[];
  /** For `reads`: how many orders are placed beforehand, unless a file names their pages. */
  readonly readOrders: number;
  /** For `reads`: a file with one page path on each line. */
  readonly pagePathsFile: string | null;
  /** For `mix`: an API key with the scope orders:write. */
  readonly apiKey: string | null;
  readonly healthPath: string;
  /** Statuses that are as good as the expected one, such as 409 in a sell-out. */
  readonly acceptStatuses: readonly number[];
  /** How long to wait for all connections to open before the start; those that open later join then. */
  readonly openWaitMs: number;
  /** A request without an answer for so long is given up, and its connection with it. */
  readonly timeoutMs: number;
  /** In open loop: requests that may wait for a free connection; more are dropped, and the run is void. */
  readonly backlogMax: number;
  /** How long to wait for answers when no more is sent. */
  readonly drainSeconds: number;
  /** A generator later than this at the 99th percentile makes an open loop run void. */
  readonly latenessP99MaxMs: number;
}

export const defaultLoadOptions: Omit<LoadOptions, 'url'> = {
  otherUrls: [],
  scenarioName: 'pipeline',
  mode: 'closed',
  connections: 64,
  warmupSeconds: 1,
  seconds: 5,
  ratePerSecond: 1_000,
  arrivals: 'poisson',
  seed: 1,
  keyKind: 'uuidv7',
  skus: [],
  readOrders: 2_000,
  pagePathsFile: null,
  apiKey: null,
  healthPath: '/livez',
  acceptStatuses: [],
  openWaitMs: 5_000,
  timeoutMs: 30_000,
  backlogMax: 200_000,
  drainSeconds: 10,
  latenessP99MaxMs: 3,
};

const bounds = {
  connections: [1, 4_096],
  warmupSeconds: [0, 600],
  seconds: [0.1, 3_600],
  ratePerSecond: [1, 500_000],
  seed: [0, 0xffff_ffff],
  readOrders: [1, 100_000],
  openWaitMs: [0, 60_000],
  timeoutMs: [10, 600_000],
  backlogMax: [0, 5_000_000],
  drainSeconds: [0, 600],
  latenessP99MaxMs: [0, 60_000],
} as const;

const choices = {
  scenarioName: workloadNames,
  mode: ['closed', 'open'],
  arrivals: ['poisson', 'even'],
  keyKind: ['uuidv7', 'uuidv4'],
} as const;

/** Completes and checks options; throws one error that names every mistake. */
export function checkLoadOptions(given: Partial<LoadOptions>): LoadOptions {
  const options = { ...defaultLoadOptions, url: '', ...given };
  const mistakes: string[] = [];
  for (const name of Object.keys(given)) {
    if (!(name in options) || (name !== 'url' && !(name in defaultLoadOptions)))
      mistakes.push(`unknown option ${name}`);
  }
  for (const [name, [min, max]] of Object.entries(bounds)) {
    const value = options[name as keyof typeof bounds];
    if (!(typeof value === 'number' && value >= min && value <= max)) {
      mistakes.push(`${name} is ${value}, not ${min} to ${max}`);
    }
  }
  for (const [name, allowed] of Object.entries(choices)) {
    const value = options[name as keyof typeof choices];
    if (!(allowed as readonly string[]).includes(value))
      mistakes.push(`${name} is ${value}, not ${allowed.join(', ')}`);
  }
  for (const url of [options.url, ...options.otherUrls]) {
    if (!isOnThisMachine(url)) mistakes.push(`url is ${JSON.stringify(url)}, not on this machine`);
  }
  if (options.scenarioName === 'mix' && options.apiKey === null)
    mistakes.push('apiKey is missing: steps of orders need one with the scope orders:write');
  if (mistakes.length > 0) throw new RangeError(mistakes.join('; '));
  return options;
}

/** The generator never drives another machine. */
function isOnThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && isLoopback(hostname);
}
