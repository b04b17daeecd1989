/**
 * Runs schemathesis over a service of its own, with every check, and fails on any finding: scripts/test-openapi.sh calls it.
 *
 * SCHEMATHESIS_PYTHON is a Python that has schemathesis, RUNTIME the service's runtime; test-openapi.sh explains SEED and EXAMPLES.
 * JUNIT_FOLDER takes a report with each operation as a test.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scopeNames } from '../src/access/scope.ts';
import { runCli, runtimeUnderTest, startService } from '../test/service.ts';

const root = join(import.meta.dirname, '..');
/** Or hardly any request at `/track` would be looked at. */
const unlimited = {
  RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR: '1000000',
  RATE_LIMIT_TRACKING_NUMBER_PER_HOUR: '1000000',
  RATE_LIMIT_TRACKING_NUMBER_PER_DAY: '1000000',
};

const { SCHEMATHESIS_PYTHON: python, SEED: seed = '1', EXAMPLES: examples = '20' } = process.env;
const runtime = runtimeUnderTest();

/** @returns its exit code; null when it was killed */
function runSchemathesis(url: string, apiKey: string, folder: string): Promise<number | null> {
  const report = process.env['JUNIT_FOLDER'];
  const args = [
    ...['-m', 'schemathesis.cli', '--config-file', join(root, 'test/openapi/schemathesis.toml')],
    ...['run', `${url}/openapi.json`, '--url', url],
    ...['--checks', 'all', '--no-color'],
    ...['--header', `Authorization: Bearer ${apiKey}`],
    ...['--seed', seed, '--max-examples', examples, '--generation-database', 'none'],
    ...(report ? ['--report', 'junit', '--report-junit-path', join(report, `openapi-${runtime}.xml`)] : []),
  ];
  return new Promise((resolve, reject) => {
    const hooks = join(root, 'test/openapi/hooks.py');
    const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks, SHOP_URL: url, SHOP_API_KEY: apiKey };
    const stdio = ['ignore', 'inherit', 'inherit'] as const;
    const run = spawn(python ?? 'python3', args, { cwd: folder, env, stdio: [...stdio] });
    run.once('error', reject);
    run.once('exit', resolve);
  });
}

/** A key with every scope, so that no operation ends at its access rule. */
async function makeApiKey(dir: string): Promise<string> {
  const args = ['keys', 'create', '--name', 'schemathesis', '--scopes', scopeNames.join(',')];
  const { code, stdout, output } = await runCli(args, { dir, runtime });
  if (code !== 0) throw new Error(`nozama keys create ended with ${code}:\n${output}`);
  return stdout.trim();
}

const folder = mkdtempSync(join(tmpdir(), 'nozama-openapi-'));
try {
  // Stock for more orders than are made: a product that is sold out would be refused, as the document says too.
  await using service = await startService({ runtime, env: { DEMO_STOCK: '1000000000', ...unlimited } });
  const apiKey = await makeApiKey(service.dir);
  process.exitCode = (await runSchemathesis(service.url, apiKey, folder)) ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
