/** The API key that a warehouse's program has in the benchmark: made by the service's own command line. */
import { join } from 'node:path';
import { runProcess } from './child-process.ts';
import { repository } from './environment.ts';

const timeoutMs = 30_000;

/** @param program where the source of the service is, when it is another version of it */
export async function makeStepsKey(
  bun: string,
  databaseUrl: string,
  folder: string,
  program = repository,
): Promise<string> {
  const cli = join(program, 'src/cli/cli.ts');
  const args = [cli, 'keys', 'create', '--name', 'warehouse', '--scopes', 'orders:write'];
  const printed = await runProcess(
    { program: bun, args, cwd: folder, env: { DATABASE_URL: databaseUrl } },
    timeoutMs,
  );
  return printed.trim();
}
