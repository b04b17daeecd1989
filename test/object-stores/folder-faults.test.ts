/**
 * Objects in a folder whose file system fails, or whose writer is killed. The faults and the moments of death are strace's;
 * the program and its system calls are real.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { removeLeftovers, temporaryFolder } from '../../src/objects/store-below.ts';
import { inFolder } from '../journeys/open-shop.ts';
import { runtimeCommand, runtimeUnderTest } from '../service.ts';

const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const skip = strace ? false : 'no strace here, or none that may trace';

const program = [...runtimeCommand(runtimeUnderTest()), join(import.meta.dirname, 'create-object.ts')];

interface Fault {
  /** As strace words it. */
  readonly inject: string;
  /** Only in system calls for this path within the folder. */
  readonly path?: string;
}

function run(folder: string, verb: 'create' | 'write', content: string, fault?: Fault) {
  const traced = fault === undefined ? [] : stracing(folder, fault);
  const [command = '', ...args] = [...traced, ...program, folder, verb, 'log/0.json', content];
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  return { output: `${stdout}${stderr}`.trim(), status };
}

function stracing(folder: string, { inject, path }: Fault): readonly string[] {
  const calls = inject.slice(0, inject.indexOf(':'));
  const within = path === undefined ? [] : [`--trace-path=${join(folder, path)}`];
  return ['strace', '-qq', '-f', '-o', '/dev/null', `--trace=${calls}`, `--inject=${inject}`, ...within];
}

const moments: Readonly<Record<string, Fault>> = {
  'when the file is written': { inject: 'fsync:signal=KILL' },
  'before the name is there': { inject: 'link,linkat,rename,renameat,renameat2:signal=KILL' },
  'before the name is on disk': { inject: 'fsync:signal=KILL', path: 'log' },
  'before the other name is removed': { inject: 'unlink,unlinkat:signal=KILL' },
};

describe('an object in a folder', { skip }, () => {
  it('is refused where files can have one name only', async () => {
    await inFolder(async (folder) => {
      const lake = join(folder, 'lake');
      const { output, status } = run(lake, 'create', 'ours', { inject: 'link,linkat:error=EPERM' });
      assert.match(
        output,
        /^The file system of \S+ has no hard links \(EPERM.*\): two writers would overwrite/,
      );
      assert.equal(status, 1);
      assert.deepEqual(await namesIn(lake), []);
    });
  });

  it('may be there when the folder can’t be brought to disk', async () => {
    await inFolder(async (folder) => {
      const lake = join(folder, 'lake');
      mkdirSync(join(lake, 'log'), { recursive: true });
      const fault = { inject: 'fsync:error=EIO', path: 'log' };
      assert.equal(run(lake, 'create', 'ours', fault).output, 'unknown');
      assert.equal(run(lake, 'create', 'ours').output, 'exists');
    });
  });

  it('is refused when the disk is full, and leaves nothing', async () => {
    await inFolder(async (folder) => {
      const lake = join(folder, 'lake');
      mkdirSync(join(lake, 'log'), { recursive: true });
      mkdirSync(join(lake, temporaryFolder));
      const { output } = run(lake, 'create', 'ours', { inject: 'fsync:error=ENOSPC' });
      assert.match(output, /has no room left for \S+\. Make room, or name another folder\.$/);
      assert.deepEqual(await namesIn(lake), []);
    });
  });

  for (const [moment, fault] of Object.entries(moments)) {
    for (const verb of ['create', 'write'] as const) {
      it(`is whole or absent when the process that would ${verb} it is killed ${moment}`, async () => {
        await inFolder(async (folder) => {
          const lake = join(folder, 'lake');
          // So that the system calls are those of the object alone.
          mkdirSync(join(lake, 'log'), { recursive: true });
          mkdirSync(join(lake, temporaryFolder));
          const path = join(lake, 'log/0.json');
          if (verb === 'write') writeFileSync(path, 'old');
          const content = 'ours'.repeat(1_000);
          const { status } = run(lake, verb, content, fault);
          assert.notEqual(status, 0);
          const isThere = existsSync(path) && readFileSync(path, 'utf8') !== 'old';
          if (isThere) assert.equal(readFileSync(path, 'utf8'), content);
          const next = run(lake, verb, 'next').output;
          assert.equal(next, verb === 'write' ? 'written' : isThere ? 'exists' : 'created');
          const store = openObjectStore(`file:${lake}`, 'LAKE_URL', { environment: {} });
          await removeLeftovers(store, Date.now() + 25 * 3_600_000);
          assert.deepEqual(await namesIn(lake), ['log/0.json']);
          assert.equal(statSync(path).nlink, 1);
        });
      });
    }
  }
});

async function namesIn(lake: string): Promise<readonly string[]> {
  const store = openObjectStore(`file:${lake}`, 'LAKE_URL', { environment: {} });
  const names: string[] = [];
  for (const prefix of ['', temporaryFolder])
    for await (const { name } of store.list(prefix)) names.push(name);
  return names;
}
