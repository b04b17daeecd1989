/** The measurements of one round, in order. */
import type { LoadOptions } from '../load/load-options.ts';
import { benchEngine } from './bench-engines.ts';
import type { BenchOptions, RuntimeName } from './bench-options.ts';
import { ceilingSide, nozamaSide, type Side, textbookSide } from './sides.ts';

export interface LoadMeasurement {
  readonly kind: 'load';
  /** Such as `nozama.pipeline@bun`; ratios and verdicts refer to it. */
  readonly id: string;
  readonly label: string;
  readonly side: Side;
  readonly load: Partial<LoadOptions>;
  readonly env: Readonly<Record<string, string>>;
  /** Orders its database holds before the run. */
  readonly ordersStored: number;
  /** Open loop: at this share of the latest figure of another measurement. */
  readonly rateFrom: { readonly id: string; readonly share: number } | null;
}

export interface ProgramMeasurement {
  readonly kind: 'storage' | 'pgbench' | 'fdatasync';
  readonly id: string;
  readonly label: string;
}

export type Measurement = LoadMeasurement | ProgramMeasurement;

/** The second width of the bars for a database server, where a batch pays for more than a disk write. */
const manyConnections = 256;

/** The textbook reads all orders for each page: with more than this a run would not end. */
export const textbookOrdersStoredMax = 2_000_000;

export function listMeasurements(options: BenchOptions): readonly Measurement[] {
  const all: Measurement[] = [];
  if (options.sides.includes('fdatasync'))
    all.push({ kind: 'fdatasync', id: 'fdatasync', label: 'fdatasync of 4 KiB' });
  if (options.sides.includes('storage'))
    all.push({ kind: 'storage', id: 'storage', label: 'storage engine alone' });
  if (options.sides.includes('storage') && benchEngine(options.engine).runsStatementsAlone())
    all.push({ kind: 'pgbench', id: 'pgbench', label: 'the same statements by pgbench' });
  for (const runtime of options.runtimes) all.push(...onRuntime(runtime, options));
  return all.filter(({ id }) => options.only.length === 0 || options.only.some((part) => id.includes(part)));
}

function onRuntime(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const { sides } = options;
  return [
    ...(sides.includes('ceiling') ? ofCeiling(runtime, options) : []),
    ...(sides.includes('textbook') ? ofTextbook(runtime, options) : []),
    ...(sides.includes('nozama') ? ofNozama(runtime, options) : []),
  ];
}

interface Measured extends Partial<Omit<LoadMeasurement, 'kind' | 'id' | 'label' | 'side' | 'load'>> {
  readonly load: Partial<LoadOptions>;
}

/** Makes the measurements of one side on one runtime. */
function measuring(
  side: Side,
  runtime: RuntimeName,
  { connections }: BenchOptions,
): (name: string, label: string, measured: Measured) => LoadMeasurement {
  return (name, label, measured) => ({
    kind: 'load',
    id: `${side.name}.${name}@${runtime}`,
    label: `${label} (${runtime})`,
    side,
    env: {},
    ordersStored: 0,
    rateFrom: null,
    ...measured,
    load: { connections, ...measured.load },
  });
}

function ofCeiling(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const measure = measuring(ceilingSide(runtime), runtime, options);
  return [
    measure('pipeline', 'HTTP ceiling, POST then GET', { load: { scenarioName: 'fixed' } }),
    measure('orders', 'HTTP ceiling, POST', { load: { scenarioName: 'orders' } }),
    measure('reads', 'HTTP ceiling, GET', { load: { scenarioName: 'reads', readOrders: 100 } }),
  ];
}

function ofTextbook(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const { engine, ordersStored } = options;
  const measure = measuring(textbookSide(runtime), runtime, options);
  const load = { scenarioName: 'pipeline', drainSeconds: 60, timeoutMs: 60_000 } as const;
  const all = [measure('pipeline', 'Textbook, POST then GET', { load })];
  if (benchEngine(engine).isServer) {
    all.push(
      measure('pipeline-many', `Textbook, POST then GET, ${manyConnections} connections`, {
        load: { ...load, connections: manyConnections },
      }),
    );
  }
  if (ordersStored > 0 && ordersStored <= textbookOrdersStoredMax) {
    const label = `Textbook, POST then GET, ${shortCount(ordersStored)} orders stored`;
    all.push(measure('pipeline-stored', label, { load, ordersStored }));
  }
  return all;
}

function ofNozama(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const measure = measuring(nozamaSide(runtime), runtime, options);
  const unbatched = { COMMIT_BATCH_MAX: '1' };
  const pipeline = { scenarioName: 'pipeline' } as const;
  const orders = { scenarioName: 'orders' } as const;
  const lone = { ...orders, connections: 1 };
  return [
    measure('pipeline', 'Nozama, POST then GET', { load: pipeline }),
    measure('orders', 'Nozama, orders only', { load: orders }),
    measure('reads', 'Nozama, reads only', { load: { scenarioName: 'reads' } }),
    measure('hot', 'Nozama, orders of one hot product', { load: { scenarioName: 'hot' } }),
    measure('mix', 'Nozama, nine orders to one step', { load: { scenarioName: 'mix' } }),
    measure('uuidv4', 'Nozama, orders with random keys', { load: { ...orders, keyKind: 'uuidv4' } }),
    measure('unlogged', 'Nozama, orders, logging off', {
      load: orders,
      env: { LOG_LEVEL: 'silent', LOG_FILE: '' },
    }),
    measure('unbatched', 'Nozama, orders, batching off', { load: orders, env: unbatched }),
    measure('lone', 'Nozama, orders on 1 connection', { load: lone }),
    measure('lone-unbatched', 'Nozama, orders on 1 connection, batching off', { load: lone, env: unbatched }),
    measure('open', 'Nozama, POST then GET, open loop at half the peak', {
      // Longer, so that checkpoints of the write-ahead log fall into it.
      load: { ...pipeline, mode: 'open', seconds: options.seconds * 2 },
      rateFrom: { id: `nozama.pipeline@${runtime}`, share: 0.5 },
    }),
    ...(benchEngine(options.engine).isServer ? ofNozamaOnServer(runtime, options) : []),
    ...(options.ordersStored > 0 ? ofNozamaFilled(runtime, options) : []),
  ];
}

function ofNozamaOnServer(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const measure = measuring(nozamaSide(runtime), runtime, options);
  const measurePair = measuring(nozamaSide(runtime, 2), runtime, options);
  const pipeline = { scenarioName: 'pipeline' } as const;
  const orders = { scenarioName: 'orders' } as const;
  const many = { connections: manyConnections };
  return [
    measure('pipeline-many', `Nozama, POST then GET, ${manyConnections} connections`, {
      load: { ...pipeline, ...many },
    }),
    measure('orders-many', `Nozama, orders only, ${manyConnections} connections`, {
      load: { ...orders, ...many },
    }),
    measurePair('pair-orders', 'Nozama, orders only, two instances', { load: orders }),
    measurePair('pair-pipeline', 'Nozama, POST then GET, two instances', { load: pipeline }),
  ];
}

function ofNozamaFilled(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const { ordersStored } = options;
  const measure = measuring(nozamaSide(runtime), runtime, options);
  const stored = `${shortCount(ordersStored)} orders stored`;
  return [
    measure('pipeline-stored', `Nozama, POST then GET, ${stored}`, {
      load: { scenarioName: 'pipeline' },
      ordersStored,
    }),
    measure('reads-stored', `Nozama, reads only, ${stored}`, {
      load: { scenarioName: 'reads' },
      ordersStored,
    }),
  ];
}

/** 1000000 → `1M`. */
export function shortCount(count: number): string {
  if (count >= 1e6) return `${count / 1e6}M`;
  return count >= 1e3 ? `${count / 1e3}k` : String(count);
}
