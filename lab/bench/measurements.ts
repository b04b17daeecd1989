/** What one round measures, in order. */
import type { LoadOptions } from '../load/load-options.ts';
import type { BenchOptions, RuntimeName } from './bench-options.ts';
import { versionOf } from './environment.ts';
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

/** The second width of the bars for PostgreSQL, where a batch pays for more than a disk write. */
const manyConnections = 256;

/** The textbook reads all orders for each page: with more than this a run would not end. */
export const textbookOrdersStoredMax = 2_000_000;

export function listMeasurements(options: BenchOptions): readonly Measurement[] {
  const all: Measurement[] = [];
  if (options.sides.includes('fdatasync'))
    all.push({ kind: 'fdatasync', id: 'fdatasync', label: 'fdatasync of 4 KiB' });
  if (options.sides.includes('storage'))
    all.push({ kind: 'storage', id: 'storage', label: 'storage engine alone' });
  if (options.sides.includes('storage') && options.engine === 'postgres' && hasPgbench())
    all.push({ kind: 'pgbench', id: 'pgbench', label: 'the same statements by pgbench' });
  for (const runtime of options.runtimes) all.push(...onRuntime(runtime, options));
  return all.filter(({ id }) => options.only.length === 0 || options.only.some((part) => id.includes(part)));
}

function onRuntime(runtime: RuntimeName, options: BenchOptions): readonly LoadMeasurement[] {
  const { sides, connections, seconds, ordersStored, engine } = options;
  const stored = ordersStored > 0 ? shortCount(ordersStored) : '';

  function measurement(
    side: Side,
    name: string,
    label: string,
    given: Partial<Omit<LoadMeasurement, 'load'>> & { readonly load: Partial<LoadOptions> },
  ): LoadMeasurement {
    return {
      kind: 'load',
      id: `${side.name}.${name}@${runtime}`,
      label: `${label} (${runtime})`,
      side,
      env: {},
      ordersStored: 0,
      rateFrom: null,
      ...given,
      load: { connections, ...given.load },
    };
  }

  const all: LoadMeasurement[] = [];
  if (sides.includes('ceiling')) {
    const side = ceilingSide(runtime);
    all.push(
      measurement(side, 'pipeline', 'HTTP ceiling, POST then GET', { load: { scenarioName: 'fixed' } }),
      measurement(side, 'orders', 'HTTP ceiling, POST', { load: { scenarioName: 'orders' } }),
      measurement(side, 'reads', 'HTTP ceiling, GET', { load: { scenarioName: 'reads', readOrders: 100 } }),
    );
  }
  if (sides.includes('textbook')) {
    const side = textbookSide(runtime);
    const load = { scenarioName: 'pipeline', drainSeconds: 60, timeoutMs: 60_000 } as const;
    all.push(measurement(side, 'pipeline', 'Textbook, POST then GET', { load }));
    if (engine === 'postgres') {
      all.push(
        measurement(side, 'pipeline-many', `Textbook, POST then GET, ${manyConnections} connections`, {
          load: { ...load, connections: manyConnections },
        }),
      );
    }
    if (ordersStored > 0 && ordersStored <= textbookOrdersStoredMax) {
      all.push(
        measurement(side, 'pipeline-stored', `Textbook, POST then GET, ${stored} orders stored`, {
          load,
          ordersStored,
        }),
      );
    }
  }
  if (sides.includes('nozama')) {
    const side = nozamaSide(runtime);
    const unbatched = { COMMIT_BATCH_MAX: '1' };
    const pipeline = { scenarioName: 'pipeline' } as const;
    const orders = { scenarioName: 'orders' } as const;
    all.push(
      measurement(side, 'pipeline', 'Nozama, POST then GET', { load: pipeline }),
      measurement(side, 'orders', 'Nozama, orders only', { load: orders }),
      measurement(side, 'reads', 'Nozama, reads only', { load: { scenarioName: 'reads' } }),
      measurement(side, 'hot', 'Nozama, orders of one hot product', { load: { scenarioName: 'hot' } }),
      measurement(side, 'uuidv4', 'Nozama, orders with random keys', {
        load: { ...orders, keyKind: 'uuidv4' },
      }),
      measurement(side, 'unlogged', 'Nozama, orders, logging off', {
        load: orders,
        env: { LOG_LEVEL: 'silent', LOG_FILE: '' },
      }),
      measurement(side, 'unbatched', 'Nozama, orders, batching off', { load: orders, env: unbatched }),
      measurement(side, 'lone', 'Nozama, orders on 1 connection', { load: { ...orders, connections: 1 } }),
      measurement(side, 'lone-unbatched', 'Nozama, orders on 1 connection, batching off', {
        load: { ...orders, connections: 1 },
        env: unbatched,
      }),
      measurement(side, 'open', 'Nozama, POST then GET, open loop at half the peak', {
        // Longer, so that checkpoints of the write-ahead log fall into it.
        load: { ...pipeline, mode: 'open', seconds: seconds * 2 },
        rateFrom: { id: `nozama.pipeline@${runtime}`, share: 0.5 },
      }),
    );
    if (engine === 'postgres') all.push(...onPostgres());
    if (ordersStored > 0) {
      all.push(
        measurement(side, 'pipeline-stored', `Nozama, POST then GET, ${stored} orders stored`, {
          load: pipeline,
          ordersStored,
        }),
        measurement(side, 'reads-stored', `Nozama, reads only, ${stored} orders stored`, {
          load: { scenarioName: 'reads' },
          ordersStored,
        }),
      );
    }
  }
  return all;

  function onPostgres(): readonly LoadMeasurement[] {
    const side = nozamaSide(runtime);
    const pair = nozamaSide(runtime, 2);
    const many = { connections: manyConnections };
    return [
      measurement(side, 'pipeline-many', `Nozama, POST then GET, ${manyConnections} connections`, {
        load: { scenarioName: 'pipeline', ...many },
      }),
      measurement(side, 'orders-many', `Nozama, orders only, ${manyConnections} connections`, {
        load: { scenarioName: 'orders', ...many },
      }),
      measurement(pair, 'pair-orders', 'Nozama, orders only, two instances', {
        load: { scenarioName: 'orders' },
      }),
      measurement(pair, 'pair-pipeline', 'Nozama, POST then GET, two instances', {
        load: { scenarioName: 'pipeline' },
      }),
    ];
  }
}

function hasPgbench(): boolean {
  return versionOf('pgbench') !== null;
}

/** 1000000 → `1M`. */
export function shortCount(count: number): string {
  if (count >= 1e6) return `${count / 1e6}M`;
  return count >= 1e3 ? `${count / 1e3}k` : String(count);
}
