/** The load generator as a process of its own, so that the measuring takes no processor time from it. */
import { join } from 'node:path';
import type { LoadOptions } from '../load/load-options.ts';
import type { LoadResult } from '../load/run-load.ts';
import { runProcess } from './child-process.ts';
import { repository } from './environment.ts';

/** @param timeoutMs for the whole run, its start and its end included */
export async function runLoadProcess(
  { bun, folder }: { readonly bun: string; readonly folder: string },
  options: Partial<LoadOptions>,
  timeoutMs: number,
): Promise<LoadResult> {
  const args = [join(repository, 'lab/load/load.ts'), '--json', JSON.stringify(options)];
  return JSON.parse(await runProcess({ program: bun, args, cwd: folder, env: {} }, timeoutMs)) as LoadResult;
}
