/** Tells the log and the metrics how a place is doing: changes once, and failures that last every ten minutes. */

import type { LakeMetrics } from '../observability/lake-metrics.ts';
import type { Log } from '../observability/logging.ts';
import type { UpkeepWork } from './lake-upkeep.ts';
import type { PlaceWords } from './place.ts';
import type { LakeNews, TableNews } from './write-lake.ts';

/** A failure with the same words is told again after this time. */
const repeatedMs = 600_000;

/** Each try names other files. */
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const upkeepWords: Readonly<Record<UpkeepWork, string>> = {
  compaction: "Small files of the lake can't be made large ones",
  vacuum: "Files of the lake that no reader needs can't be removed",
};

type Failure = Omit<Extract<LakeNews, { kind: 'failed' }>, 'kind'>;

export interface LakeTeller {
  news(news: LakeNews): void;
  threadFailed(error: Error): void;
}

/** @param monotonicMs a clock that is never put back */
export function createTeller(
  log: Pick<Log, 'info' | 'warn' | 'error'>,
  metrics: LakeMetrics,
  place: PlaceWords,
  monotonicMs: () => number = () => performance.now(),
): LakeTeller {
  const { kind, name, Name, where } = place;
  const at = { [kind]: where };
  let toldFailure: { readonly sameWords: string; readonly atMs: number } | null = null;
  let wasStandingBy: boolean | null = null;
  const tellUpkeepFailure = createUpkeepTeller(log, at, monotonicMs);
  const tellRefusals = createRefusalTeller(log, metrics, at);

  function tellFailure({ words, isOurFault, oldestUnwrittenAtMs }: Failure): void {
    metrics.countFailure(oldestUnwrittenAtMs);
    const nowMs = monotonicMs();
    const sameWords = words.replace(uuid, '');
    if (toldFailure?.sameWords === sameWords && nowMs - toldFailure.atMs < repeatedMs) return;
    toldFailure = { sameWords, atMs: nowMs };
    if (isOurFault) log.error({ ...at, error: words }, `${name} can’t be written; orders go on`);
    else log.warn(at, `${Name} can't be written, and is tried again; orders go on. ${words}`);
  }

  function tellRound({
    tables,
    isStandingBy,
    oldestUnwrittenAtMs,
  }: Extract<LakeNews, { kind: 'round' }>): void {
    metrics.roundSeen(tables, oldestUnwrittenAtMs, isStandingBy);
    tellRefusals(tables);
    if (toldFailure !== null) log.info(at, `${name} is written again`);
    toldFailure = null;
    if (isStandingBy !== wasStandingBy) {
      if (isStandingBy) log.info(at, `another process writes ${name}; this one stands by`);
      else log.info(at, `this process writes ${name}`);
    }
    wasStandingBy = isStandingBy;
  }

  return {
    news(news: LakeNews): void {
      switch (news.kind) {
        case 'round':
          tellRound(news);
          break;
        case 'written':
          metrics.countRows(news.table, news.rows);
          break;
        case 'compacted':
          log.info(news, 'small files of the lake were made large ones');
          break;
        case 'vacuumed':
          log.info(news, 'files of the lake that no reader needs were removed');
          break;
        case 'upkeep_failed':
          tellUpkeepFailure(news);
          break;
        case 'failed':
          tellFailure(news);
          break;
      }
    },
    threadFailed(error: Error): void {
      tellFailure({ words: String(error.stack ?? error), isOurFault: true, oldestUnwrittenAtMs: null });
    },
  };
}

/** Apart from failures to write: without upkeep the lake gets all its rows, and a round that succeeds does not end the failure. */
function createUpkeepTeller(
  log: Pick<Log, 'warn' | 'error'>,
  at: Readonly<Record<string, string>>,
  monotonicMs: () => number,
): (failure: Extract<LakeNews, { kind: 'upkeep_failed' }>) => void {
  /** When these words were told last. */
  const toldAtMs = new Map<string, number>();
  return ({ work, table, words, isOurFault }) => {
    const nowMs = monotonicMs();
    for (const [told, atMs] of toldAtMs) if (nowMs - atMs >= repeatedMs) toldAtMs.delete(told);
    const sameWords = `${work} ${table} ${words.replace(uuid, '')}`;
    if (toldAtMs.has(sameWords)) return;
    toldAtMs.set(sameWords, nowMs);
    const cannot = upkeepWords[work];
    if (isOurFault) log.error({ ...at, table, error: words }, `${cannot}; rows are written all the same`);
    else log.warn({ ...at, table }, `${cannot}; rows are written all the same. ${words}`);
  };
}

/** Tells of each table once that it is refused, and once that it is not any more. */
function createRefusalTeller(
  log: Pick<Log, 'info' | 'warn'>,
  metrics: LakeMetrics,
  at: Readonly<Record<string, string>>,
): (tables: readonly TableNews[]) => void {
  const refusals = new Map<string, string>();
  return (tables) => {
    for (const { table, refusal } of tables) {
      const before = refusals.get(table) ?? null;
      if (refusal === before) continue;
      if (refusal === null) {
        refusals.delete(table);
        log.info({ ...at, table }, 'this table is written again');
      } else {
        refusals.set(table, refusal);
        log.warn({ ...at, table }, refusal);
      }
    }
    metrics.refusedTables(refusals.size);
  };
}
