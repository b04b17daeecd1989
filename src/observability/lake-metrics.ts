/** The metrics of the lake. They are there only where a lake is written. */
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
  countFailure(): void;
}

export function createLakeMetrics(registers: Registry[], nowMs: () => number = Date.now): LakeMetrics {
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
      counters = createCounters(registers);
      // A series that begins above 0 shows no increase.
      for (const table of tables) {
        counters.rows.inc({ table }, 0);
        counters.commits.inc({ table }, 0);
        counters.position.set({ table }, 0);
      }
      new Gauge({
        name: 'nozama_lake_lag_seconds',
        help: 'Age of the oldest entry of the shop that some table of the lake lacks; 0 when none lacks any.',
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
    countFailure: () => counters?.failures.inc(),
  };
}

function createCounters(registers: Registry[]) {
  const labelNames = ['table'] as const;
  return {
    rows: new Counter({
      name: 'nozama_lake_rows_total',
      help: 'Rows that this process has written to the lake.',
      labelNames,
      registers,
    }),
    commits: new Counter({
      name: 'nozama_lake_commits_total',
      help: 'Versions of tables that this process has written to the lake.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'nozama_lake_failures_total',
      help: 'Tries to write the lake that failed.',
      registers,
    }),
    position: new Gauge({
      name: 'nozama_lake_position',
      help: 'Position of the shop’s log that a table of the lake has reached.',
      labelNames,
      registers,
    }),
    refused: new Gauge({
      name: 'nozama_lake_refused_tables',
      help: 'Tables of the lake that can’t be written until somebody mends them.',
      registers,
    }),
    standingBy: new Gauge({
      name: 'nozama_lake_standing_by',
      help: '1 while another process writes the lake.',
      registers,
    }),
  };
}
