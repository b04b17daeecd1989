/** `nozama verify` as a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../bench/environment.ts';
import { programOf } from './service-process.ts';

/** A day of orders is recounted in less. */
const msMax = 3_600_000;
const outputBytesMax = 10_000_000;

export interface Verified {
  /** Null when it had not ended in time, or was ended: then it has found nothing, good or bad. */
  readonly code: number | null;
  readonly output: string;
}

export function runVerify(
  runtime: 'bun' | 'node',
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Verified> {
  const args = [
    ...(runtime === 'bun' ? ['--no-env-file'] : []),
    join(repository, 'src/cli/cli.ts'),
    'verify',
  ];
  const bounds = { timeout: msMax, killSignal: 'SIGKILL', maxBuffer: outputBytesMax } as const;
  return new Promise((resolve) => {
    const child = execFile(
      programOf(runtime),
      args,
      { cwd: folder, env, ...bounds },
      (error, stdout, stderr) => {
        const problem = error === null || child.exitCode !== null ? '' : `${error.message}\n`;
        resolve({ code: child.exitCode, output: `${stdout}${stderr}${problem}` });
      },
    );
  });
}
