/** The runs of the past: one JSON file each, in a folder of their own, and the ledgers of those in doubt. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunSummary, RunView } from './live.ts';
import { summaryOf } from './run-summary.ts';

/** More than these are removed, the oldest first. */
export const runsKeptMax = 200;

/** Folders of evidence; older ones are removed. A ledger has a line for each order: a million are half a gigabyte. */
export const evidenceKeptMax = 10;

export interface History {
  save(view: RunView): void;
  /** Newest first. */
  list(): readonly RunSummary[];
  /** Null when there is none of that id, or its file is damaged. */
  read(id: string): RunView | null;
  /** Where something of a run is kept besides, such as its report. */
  fileOf(id: string, extension: string): string;
  /**
   * Where the ledger of a run is kept when its verdict is in doubt. Removed with its run, and
   * as soon as `evidenceKeptMax` newer ones are there.
   */
  evidenceFolderOf(id: string): string;
}

/** Runs of older labs have no milliseconds. */
const idForm = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d{3})?Z-[a-z0-9-]{1,80}$/;

const evidenceEnding = '-ledger';

/** `2026-11-25T04-10-00-125Z-order-pipeline`, free of everything that a file name may not have. */
export function runId(startedAt: Date, scenario: string): string {
  const at = startedAt.toISOString().replaceAll(/[:.]/g, '-');
  return `${at}-${scenario
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 80)}`;
}

/** As much of a saved run as is looked at here; a newer or older lab may have written the rest. */
const savedSchema = z.looseObject({
  id: z.string().regex(idForm),
  plan: z.looseObject({ scenario: z.string() }),
  state: z.enum(['ended', 'failed']),
  startedAt: z.string(),
  url: z.string(),
  samples: z.array(z.looseObject({ atSecond: z.number() })),
  events: z.array(z.looseObject({ text: z.string() })),
  routes: z.array(z.looseObject({ route: z.string() })),
  failures: z.array(z.looseObject({ reason: z.string() })),
  voidReasons: z.array(z.string()),
  broken: z.array(z.string()),
  totals: z.looseObject({ seconds: z.number(), latency: z.looseObject({ count: z.number() }) }).nullable(),
  truth: z.looseObject({ kind: z.string(), sentence: z.string() }).nullable(),
});

/** @param warn gets one sentence for each damaged file, once */
export function openHistory(folder: string, warn: (sentence: string) => void): History {
  mkdirSync(folder, { recursive: true });
  const summaries = new Map<string, RunSummary>();
  const damaged = new Set<string>();

  function load(id: string): RunView | null {
    const file = fileOf(id, 'json');
    try {
      const view: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (savedSchema.parse(view).id !== id) throw new Error('it is of another run');
      return view as RunView;
    } catch (error) {
      if (isMissing(error)) return null;
      if (!damaged.has(id)) warn(`${file} is left out, it is damaged: ${reasonOf(error)}`);
      damaged.add(id);
      return null;
    }
  }

  function pathOf(id: string, ending: string): string {
    if (!idForm.test(id)) throw new RangeError(`${JSON.stringify(id)} is not the id of a run`);
    return join(folder, `${id}${ending}`);
  }
  const fileOf = (id: string, extension: string) => pathOf(id, `.${extension}`);
  const evidenceFolderOf = (id: string) => pathOf(id, evidenceEnding);

  /** Newest first: ids begin with the time, so that their order is that of the runs. */
  function idsWith(ending: string): readonly string[] {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .filter((id) => idForm.test(id))
      .toSorted()
      .toReversed();
  }
  const idsStored = () => idsWith('.json');

  function removeEvidence(id: string): void {
    rmSync(evidenceFolderOf(id), { recursive: true, force: true });
  }

  return {
    fileOf,
    evidenceFolderOf,
    save(view) {
      const file = fileOf(view.id, 'json');
      writeFileSync(`${file}.tmp`, JSON.stringify(view));
      renameSync(`${file}.tmp`, file);
      summaries.set(view.id, summaryOf(view));
      for (const id of idsStored().slice(runsKeptMax)) {
        for (const extension of ['json', 'html', 'csv']) rmSync(fileOf(id, extension), { force: true });
        removeEvidence(id);
        summaries.delete(id);
      }
      for (const id of idsWith(evidenceEnding).slice(evidenceKeptMax)) removeEvidence(id);
    },
    list() {
      return idsStored().flatMap((id) => {
        const known = summaries.get(id) ?? summaryOfStored(load(id));
        if (known === null) return [];
        summaries.set(id, known);
        return [known];
      });
    },
    read: (id) => (idForm.test(id) ? load(id) : null),
  };
}

function summaryOfStored(view: RunView | null): RunSummary | null {
  return view === null ? null : summaryOf(view);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join('.')}: ${issue?.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
