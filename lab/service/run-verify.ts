/** `nozama verify` as a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../bench/environment.ts';
import { programOf } from './service-process.ts';

const msMax = 600_000;
const outputBytesMax = 10_000_000;

export function runVerify(
  runtime: 'bun' | 'node',
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
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
        // Ended by a signal, or never begun, it has found nothing good.
        resolve({ code: child.exitCode ?? 1, output: `${stdout}${stderr}${problem}` });
      },
    );
  });
}
