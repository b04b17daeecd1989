import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLineSink, fixedTarget } from './line-sink.ts';
import { rotatingFile } from './rotating-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'nozama-log-'));
after(() => rmSync(dir, { recursive: true }));

test('lines get into a file that makes itself and its folder', async () => {
  const path = join(dir, 'a/b/app.log');
  const sink = createLineSink(rotatingFile({ path, sizeMax: 1_000, filesKept: 2 }));
  sink.write('one\n');
  sink.write('two\n');
  assert.ok(!existsSync(path));
  await sleep(400);
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
  sink.write('three\n');
  await sink.flush();
  sink.write('four\n');
  sink.flushNow();
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\nfour\n');
  sink.close();
});

test('a full file moves aside, and only so many are kept', async () => {
  const path = join(dir, 'r.log');
  const sink = createLineSink(rotatingFile({ path, sizeMax: 20, filesKept: 2 }));
  for (const line of ['1', '2', '3', '4']) {
    sink.write(`${line.repeat(15)}\n`);
    await sink.flush();
  }
  assert.match(readFileSync(path, 'utf8'), /^4+\n$/);
  assert.match(readFileSync(`${path}.1`, 'utf8'), /^3+\n$/);
  assert.match(readFileSync(`${path}.2`, 'utf8'), /^2+\n$/);
  assert.ok(!existsSync(`${path}.3`));
  // A restart goes on where the file ends.
  const again = createLineSink(rotatingFile({ path, sizeMax: 40, filesKept: 2 }));
  again.write('5\n');
  await again.flush();
  assert.match(readFileSync(path, 'utf8'), /^4+\n5\n$/);
});

test('a disk that is full stops nothing, and what it refused is written when it has room', async () => {
  const full = openSync('/dev/full', 'w');
  const path = join(dir, 'later.log');
  const good = openSync(path, 'a');
  let file = full;
  const sink = createLineSink({ prepare: () => file, close: () => undefined });
  sink.write('first\n');
  await sink.flush();
  sink.write('second\n');
  file = good;
  await sleep(1_800);
  assert.equal(readFileSync(path, 'utf8'), 'first\nsecond\n');
  assert.equal(sink.linesDropped(), 0);
  closeSync(full);
  closeSync(good);
});

test('a target that stays shut costs bounded memory; lost lines are counted and reported', async () => {
  const path = join(dir, 'shut.log');
  const good = openSync(path, 'a');
  let isShut = true;
  const sink = createLineSink({
    prepare: () => {
      if (isShut) throw new Error('no folder');
      return good;
    },
    close: () => undefined,
  });
  const line = `${'x'.repeat(1_023)}\n`;
  const written = 20_000;
  for (let i = 0; i < written; i += 1) sink.write(line);
  await sink.flush();
  const dropped = sink.linesDropped();
  assert.ok(dropped > 10_000, String(dropped));
  isShut = false;
  await sleep(1_800);
  const text = readFileSync(path, 'utf8');
  assert.match(text, new RegExp(`"lines_lost":${dropped}\\}`));
  assert.equal(text.split('\n').filter((kept) => kept.startsWith('x')).length, written - dropped);
  closeSync(good);
});

test('a last flush into nothing is no exception', () => {
  const sink = createLineSink(fixedTarget(-1));
  sink.write('gone\n');
  sink.flushNow();
});
