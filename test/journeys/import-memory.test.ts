/** An import of a long list takes no more memory than one of a short list: caches, and all that is kept for each line. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawnCli } from '../service.ts';
import { inFolder } from './open-shop.ts';

/** Enough for the heap of a runtime to have its size, and for the caches of an import to be full. */
const linesOfShort = 15_000;
/** A database of twice the size of a service's caches. */
const linesOfLong = 60_000;
/** 0.96 to 1.18 in ten runs on Bun, 1.11 to 1.19 in five on Node; with a service's caches 1.33 to 1.61 in six. */
const growthMax = 1.26;

/** Node keeps garbage as long as its heap may grow, which is more than what is looked for. Without a leak, this is enough. */
const smallHeap = '--max-old-space-size=48 --max-semi-space-size=4';

const skip = process.platform !== 'linux' && 'memory is read from /proc';

test('a list of four times as many products takes no more memory', { skip, timeout: 300_000 }, () =>
  inFolder(async (folder) => {
    const short = await importMib(join(folder, 'short'), linesOfShort);
    const long = await importMib(join(folder, 'long'), linesOfLong);
    assert.ok(short > 20, `${short} MiB: the memory was seen`);
    assert.ok(long / short < growthMax, `${Math.round(short)} MiB, then ${Math.round(long)} MiB`);
  }),
);

/**
 * Imports a new list into a new shop.
 * @returns MiB that a tenth of the samples of its second half stay below: garbage makes the memory go up and down by a
 * quarter, and between two collections it is as low as that which is kept
 */
async function importMib(folder: string, lines: number): Promise<number> {
  await mkdir(folder);
  const words = 'Good for many things and one of its kind. Wash at 40 degrees and iron from the left.';
  const rows = Array.from(
    { length: lines },
    (_, nth) => `item-${nth},Thing ${nth} of the shelf,${words},1.99,3`,
  );
  await writeFile(join(folder, 'list.csv'), `sku,name,description,price,stock\n${rows.join('\n')}\n`);
  const environment = {
    DATABASE_URL: `sqlite:${join(folder, 'shop.db')}`,
    LOG_FILE: '',
    NODE_OPTIONS: smallHeap,
  };
  const importing = spawnCli(['catalog', 'import', 'list.csv'], { dir: folder, env: environment });
  let isOver = false;
  const ended = importing.exited.finally(() => {
    isOver = true;
  });
  const samples: number[] = [];
  while (!isOver) {
    samples.push(await ownMibOf(importing.pid));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { code } = await ended;
  assert.equal(code, 0, importing.output());
  assert.match(importing.stdout(), new RegExp(`Imported ${lines.toLocaleString('en-US')} lines`));
  const settled = samples.slice(Math.floor(samples.length / 2)).filter((mib) => mib > 0);
  return settled.sort((a, b) => a - b)[Math.floor(settled.length / 10)] ?? 0;
}

/** Without the program and other files that are mapped, in MiB; 0 when the process has ended. */
async function ownMibOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
