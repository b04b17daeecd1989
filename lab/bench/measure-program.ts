/** Takes a measurement that is a program of its own, on a new database where it needs one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from './child-process.ts';
import { repository } from './environment.ts';
import { type MeasureContext, verifyByCli } from './measure.ts';
import type { ProgramMeasurement } from './measurements.ts';

const timeoutMs = 300_000;

const scripts: Readonly<Record<ProgramMeasurement['kind'], string>> = {
  storage: 'storage-ceiling.ts',
  pgbench: 'postgres-ceiling/postgres-ceiling.ts',
  fdatasync: 'fdatasync.ts',
};

export interface ProgramFigure {
  readonly output: unknown;
  /** A ceiling that stores something else than orders is none. */
  readonly faults: readonly string[];
}

export async function measureProgram(
  { bun, databases, folder: workFolder }: MeasureContext,
  kind: ProgramMeasurement['kind'],
  seconds: number,
): Promise<ProgramFigure> {
  const folder = mkdtempSync(join(workFolder, `${kind}-`));
  const database = kind === 'fdatasync' ? null : await databases.open('nozama', 0, folder);
  try {
    await database?.settle();
    const args = [
      join(repository, 'lab/baselines', scripts[kind]),
      ...(kind === 'storage' ? [] : ['--folder', folder]),
      ...(database === null ? [] : ['--database', database.url]),
      ...['--seconds', String(seconds)],
    ];
    const output: unknown = JSON.parse(
      await runProcess({ program: bun, args, cwd: folder, env: {} }, timeoutMs),
    );
    return { output, faults: database === null ? [] : await verifyByCli(bun, database.url, folder) };
  } finally {
    await database?.close(null);
    rmSync(folder, { recursive: true, force: true });
  }
}
