/** Runs drills on a disk of a few megabytes: as we are, or in a namespace where we may mount one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inNamespace, mounting, mountSmallDisk, type SmallDisk } from '../../lab/service/small-disk.ts';
import { openShop, type Settings, type Shop } from '../journeys/open-shop.ts';
import { runtimeUnderTest } from '../service.ts';

/** @param testFile the file that calls this, from the repository's root */
export function describeOnSmallDisk(name: string, testFile: string, drills: () => void): void {
  const how = mounting();
  describe(name, () => {
    if (how === 'allowed') {
      drills();
    } else if (how === 'allowed in a namespace') {
      it('passes its drills where we may mount one', { timeout: 115_000 }, () => runInNamespace(testFile));
    } else {
      process.stderr.write(`skipped: ${how.refusedBecause}\n`);
      it('passes its drills', { skip: how.refusedBecause }, () => undefined);
    }
  });
}

function runInNamespace(testFile: string): void {
  const [program = '', ...args] = [...inNamespace, 'scripts/test.sh', testFile];
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    env: { ...process.env, RUNTIME: runtimeUnderTest(), NODE_TEST_CONTEXT: undefined },
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

/** @param settingsFor of the shop, when its folder is the disk */
export async function onSmallDisk(
  megabytes: number,
  settingsFor: (folder: string) => Settings,
  use: (shop: Shop, disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const disk = mountSmallDisk(megabytes);
  try {
    const shop = await openShop({ folder: disk.folder, settings: settingsFor(disk.folder) });
    try {
      await use(shop, disk);
    } finally {
      await shop.close();
    }
  } finally {
    disk.remove();
  }
}
