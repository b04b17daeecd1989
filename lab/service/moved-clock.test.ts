import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { runtimeCommand, runtimeUnderTest } from '../../test/service.ts';

/** Says what each of its threads takes for the time, before and after the clock is moved by one of them. */
const program = `
import { writeFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
const times = () => [Date.now(), new Date().getTime(), Date.parse(Date())];
if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  const ask = () => new Promise((resolve) => { thread.once('message', resolve); thread.postMessage(''); });
  const before = [times(), await ask()];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(-86_400);
  writeFileSync(process.env.CLOCK_AHEAD_FILE, bytes, { flag: 'r+' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const after = [times(), await ask()];
  const given = [new Date(5).getTime(), new Date(2020, 1).getFullYear(), new Date() instanceof Date];
  console.log(JSON.stringify({ before, after, given }));
  thread.terminate();
} else parentPort.on('message', () => parentPort.postMessage(times()));
`;

it('moves the clock of every thread, at run time, and only of what asks for the time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  try {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, program);
    const clockFile = join(folder, 'clock-ahead');
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(3_600);
    writeFileSync(clockFile, bytes);
    const runtime = runtimeUnderTest();
    const [command = '', ...first] = runtimeCommand(runtime);
    const preload = [
      runtime === 'bun' ? '--preload' : '--import',
      join(import.meta.dirname, 'moved-clock.ts'),
    ];
    const { stdout, stderr } = spawnSync(command, [...first, ...preload, file], {
      encoding: 'utf8',
      env: { CLOCK_AHEAD_FILE: clockFile },
    });
    assert.ok(stdout.startsWith('{'), stderr);
    const { before, after, given } = JSON.parse(stdout);
    // Date() tells no milliseconds.
    const isBy = (seconds: number) => (ms: number) => Math.abs(ms - Date.now() - seconds * 1_000) < 60_000;
    assert.ok(before.flat().every(isBy(3_600)), stdout);
    assert.ok(after.flat().every(isBy(-86_400)), stdout);
    assert.deepEqual(given, [5, 2020, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
