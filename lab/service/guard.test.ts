/** What is left of the lab's own service when the lab is killed: nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../../test/journeys/behind-the-service.ts';
import { postgresMissing } from '../../test/postgres/postgres-databases.ts';
import { runtimeCommand, runtimeUnderTest } from '../../test/service.ts';

const module = join(import.meta.dirname, 'start-own-service.ts');

/** For a busy machine; it takes a moment. */
const endMsMax = 30_000;

/** Starts a service, twice, in a process that is killed then. */
async function startAndKill(engine: 'sqlite' | 'postgres', folder: string): Promise<void> {
  const program = join(folder, 'lab.mjs');
  const runtime = runtimeUnderTest();
  const options = { engine, isOnSmallDisk: true, runtime, stock: 10, folder };
  writeFileSync(
    program,
    `import { startOwnService } from ${JSON.stringify(module)};
     const service = await startOwnService(${JSON.stringify(options)});
     await service.startSecond();
     service.freeze();
     process.stdout.write('ready');
     setInterval(() => {}, 1_000);`,
  );
  const [command = '', ...first] = runtimeCommand(runtime);
  const lab = spawn(command, [...first, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => lab.once('exit', resolve));
  await Promise.race([ended, new Promise((resolve) => lab.stdout.once('data', resolve))]);
  assert.notEqual(leftOf(folder).length, 0, 'there is something to see to');
  lab.kill('SIGKILL');
  await ended;
  rmSync(program);
}

/** Processes, mounts and folders whose name, command line or environment has it. */
function leftOf(name: string): string[] {
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const files = ['cmdline', 'environ'].map((file) => readFileSync(join('/proc', pid, file), 'utf8'));
        return files.some((text) => text.includes(name)) ? [`process ${pid}: ${files[0]}`] : [];
      } catch {
        return [];
      }
    });
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(name));
  return [...processes, ...mounts];
}

const isLinux = existsSync('/proc/mounts');
describe('what a lab that was killed leaves behind', { skip: isLinux ? false : 'needs /proc' }, () => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    it(`is nothing on ${engine}`, async (context) => {
      const missing = engine === 'postgres' ? await postgresMissing() : null;
      if (missing !== null) return context.skip?.(missing);
      // Where another user gets to as well, so that nothing of it lies elsewhere.
      const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
      chmodSync(folder, 0o755);
      try {
        await startAndKill(engine, folder);
        await until(() => readdirSync(folder).length === 0, 'an empty folder', endMsMax);
        await until(() => leftOf(folder).length === 0, 'the end of the last process', endMsMax);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
