/** Writes the tables of a shop in a place until it is stopped, and tells how that goes. For the service's threads, and for `run`. */
import { startWritingLoop, type WritingLoop } from '../events/writing-loop.ts';
import { OperatorError } from '../program/operator-error.ts';
import type { UpkeepFailure, UpkeepWork, VacuumDue } from './lake-upkeep.ts';
import { openPlace, type PlaceConfig } from './place.ts';

export interface LakeTask {
  readonly config: PlaceConfig;
  /** From an order's commit until it can be read there, in milliseconds. */
  readonly withinMs: number;
}

/** A table of the place as it was after a round. */
export interface TableNews {
  readonly table: string;
  readonly position: number;
  /** Why it is not written; null when it is. */
  readonly refusal: string | null;
}

export type LakeNews =
  | {
      readonly kind: 'round';
      readonly tables: readonly TableNews[];
      readonly oldestUnwrittenAtMs: number | null;
      readonly isStandingBy: boolean;
    }
  | { readonly kind: 'written'; readonly table: string; readonly rows: number }
  | {
      readonly kind: 'compacted';
      readonly table: string;
      readonly removedFiles: number;
      readonly addedFiles: number;
    }
  | {
      readonly kind: 'vacuumed';
      readonly table: string;
      readonly removedFiles: number;
      readonly removedBytes: number;
    }
  /** Rows are written all the same. @property isOurFault as of `failed` */
  | {
      readonly kind: 'upkeep_failed';
      readonly work: UpkeepWork;
      readonly table: string;
      readonly words: string;
      readonly isOurFault: boolean;
    }
  /** @property isOurFault a fault of the program: `words` has its stack */
  | {
      readonly kind: 'failed';
      readonly words: string;
      readonly isOurFault: boolean;
      /** Null when it can't be told. */
      readonly oldestUnwrittenAtMs: number | null;
    };

export function writeLake({ config, withinMs }: LakeTask, tell: (news: LakeNews) => void): WritingLoop {
  // Kept when the place is opened anew.
  const vacuumDue: VacuumDue = new Map();
  return startWritingLoop({
    open: () =>
      openPlace(
        config,
        {
          onWritten: ({ sink, rows }) => tell({ kind: 'written', table: sink.source.table.name, rows }),
          onCompacted: (table, removedFiles, addedFiles) =>
            tell({ kind: 'compacted', table, removedFiles, addedFiles }),
          onVacuumed: (table, removedFiles, removedBytes) =>
            tell({ kind: 'vacuumed', table, removedFiles, removedBytes }),
          onUpkeepFailure: (failure) => tell(upkeepNews(failure)),
        },
        vacuumDue,
      ),
    withinMs,
    nowMs: Date.now,
    random: Math.random,
    onNews: ({ progress, oldestUnwrittenAtMs, isStandingBy }) =>
      tell({
        kind: 'round',
        tables: progress.map(({ sink, position, refusal }) => ({
          table: sink.source.table.name,
          position,
          refusal,
        })),
        oldestUnwrittenAtMs,
        isStandingBy,
      }),
    onFailure: (error, oldestUnwrittenAtMs) =>
      tell({ kind: 'failed', ...toldOf(error), oldestUnwrittenAtMs }),
  });
}

export function upkeepNews({ work, table, error, moreDays }: UpkeepFailure): LakeNews {
  const { words, isOurFault } = toldOf(error);
  const more = moreDays === 0 ? '' : ` More days of this table that fail: ${moreDays}.`;
  return { kind: 'upkeep_failed', work, table, words: `${words}${more}`, isOurFault };
}

function toldOf(error: unknown): { readonly words: string; readonly isOurFault: boolean } {
  if (error instanceof OperatorError) return { words: error.message, isOurFault: false };
  return { words: String((error as Error)?.stack ?? error), isOurFault: true };
}
