/** The metrics of a lake, or of BigQuery. They are there only where it is written. */
import { Counter, Gauge, type Registry } from 'prom-client';

/** A thread that has told nothing for so many times the time that a round may take is late. */
const silentFactor = 6;

export interface LakeMetrics {
  /** To be called once. @param withinMs from an order's commit until it is to be in the lake, in milliseconds */
  watch(withinMs: number, tables: readonly string[]): void;
  roundSeen(
    tables: readonly { readonly table: string; readonly position: number }[],
    oldestUnwrittenAtMs: number | null,
    isStandingBy: boolean,
  ): void;
  refusedTables(count: number): void;
  countRows(table: string, rows: number): void;
  /** @param oldestUnwrittenAtMs as in {@link LakeMetrics.roundSeen}; null when it can't be told */
  countFailure(oldestUnwrittenAtMs: number | null): void;
}

/** In the names of the metrics, and in their help. */
const places = { lake: 'the lake', bigquery: 'BigQuery' } as const;

export function createLakeMetrics(
  registers: Registry[],
  kind: keyof typeof places,
  nowMs: () => number = Date.now,
): LakeMetrics {
  let oldestUnwrittenAtMs: number | null = null;
  let toldAtMs = 0;
  let counters: ReturnType<typeof createCounters> | null = null;

  /** The thread may hang in a place that does not answer: what is unwritten since then is not known, but its age is bounded. */
  function lagSeconds(withinMs: number): number {
    const silentMs = nowMs() - toldAtMs;
    const silent = silentMs > withinMs * silentFactor ? silentMs : 0;
    const oldest = oldestUnwrittenAtMs === null ? 0 : nowMs() - oldestUnwrittenAtMs;
    return Math.max(0, silent, oldest) / 1_000;
  }

  return {
    watch(withinMs, tables) {
      toldAtMs = nowMs();
      counters = createCounters(registers, kind);
      // A series that begins above 0 shows no increase.
      for (const table of tables) {
        counters.rows.inc({ table }, 0);
        counters.commits.inc({ table }, 0);
        counters.position.set({ table }, 0);
      }
      new Gauge({
        name: `nozama_${kind}_lag_seconds`,
        help: `Age of the oldest entry of the shop that some table of ${places[kind]} lacks; 0 when none lacks any.`,
        registers,
        collect() {
          this.set(lagSeconds(withinMs));
        },
      });
    },
    roundSeen(tables, oldest, isStandingBy) {
      oldestUnwrittenAtMs = oldest;
      toldAtMs = nowMs();
      counters?.standingBy.set(Number(isStandingBy));
      for (const { table, position } of tables) counters?.position.set({ table }, position);
    },
    refusedTables: (count) => counters?.refused.set(count),
    countRows(table, rows) {
      counters?.rows.inc({ table }, rows);
      counters?.commits.inc({ table });
    },
    countFailure(oldest) {
      oldestUnwrittenAtMs = oldest ?? oldestUnwrittenAtMs;
      counters?.failures.inc();
    },
  };
}

function createCounters(registers: Registry[], kind: keyof typeof places) {
  const place = places[kind];
  const labelNames = ['table'] as const;
  return {
    rows: new Counter({
      name: `nozama_${kind}_rows_total`,
      help: `Rows that this process has written to ${place}.`,
      labelNames,
      registers,
    }),
    commits: new Counter({
      name: `nozama_${kind}_commits_total`,
      help: `Versions of tables that this process has written to ${place}.`,
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: `nozama_${kind}_failures_total`,
      help: `Tries to write ${place} that failed.`,
      registers,
    }),
    position: new Gauge({
      name: `nozama_${kind}_position`,
      help: `Position of the shop’s log that a table of ${place} has reached.`,
      labelNames,
      registers,
    }),
    refused: new Gauge({
      name: `nozama_${kind}_refused_tables`,
      help: `Tables of ${place} that can’t be written until somebody mends them.`,
      registers,
    }),
    standingBy: new Gauge({
      name: `nozama_${kind}_standing_by`,
      help: `1 while another process writes ${place}.`,
      registers,
    }),
  };
}
