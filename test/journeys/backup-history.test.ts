/** Which backup is the latest: told by log position, whatever the clock of the machine said, and after a restore. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../service.ts';
import { countOrders } from './behind-the-service.ts';
import { withClock } from './moved-clock.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { place } from './shop-client.ts';

const daySeconds = 86_400;

async function must(ending: ReturnType<typeof runCli>): Promise<string> {
  const { code, output } = await ending;
  assert.equal(code, 0, output);
  return output;
}

/** @param aheadSeconds by which the clock of the machine is wrong */
async function backUp(shop: Shop, to: string, aheadSeconds: number, ...more: string[]) {
  const executable = withClock(shop.folder, aheadSeconds);
  const env = { DATABASE_URL: `sqlite:${shop.file}` };
  const output = await must(runCli(['backup', '--to', to, ...more], { dir: shop.folder, env, executable }));
  return {
    output,
    name: /^(nozama-\S+) in .*: [\d,]+ orders up to/m.exec(output)?.[1] ?? assert.fail(output),
  };
}

const restoreLatest = (from: string, file: string) =>
  must(runCli(['restore', 'latest', '--from', from, '--to', `sqlite:${file}`], { dir: join(file, '..') }));

const namesIn = (folder: string) => readdirSync(folder).sort();

/** As programs wrote it in format 3 before a backup named the orders at earlier positions. */
function removeSamples(location: string, name: string): void {
  const path = join(location, name, 'manifest.json');
  const { sampledOrders: _, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, format: 3 }));
}

async function withShop(use: (shop: Shop, location: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const shop = await openShop({ folder });
    try {
      await place(shop.url);
      await use(shop, join(folder, 'backups'));
    } finally {
      await shop.close();
    }
  });
}

describe('the latest backup of a machine whose clock was wrong', () => {
  for (const [clock, first, second] of [
    ['ran a day ahead before', daySeconds, 0],
    ['goes back a day', 0, -daySeconds],
  ] as const) {
    it(`is the one with the most orders when the clock ${clock}`, async () => {
      await withShop(async (shop, location) => {
        const old = await backUp(shop, location, first);
        await place(shop.url);
        const latest = await backUp(shop, location, second);
        assert.ok(latest.name < old.name, 'the clock was moved');
        const output = await restoreLatest(location, join(shop.folder, 'new.db'));
        assert.match(output, new RegExp(`^Restored ${latest.name} `, 'm'));
        assert.match(
          output,
          new RegExp(`^${old.name} has a later time in its name than ${latest.name}`, 'm'),
        );
        assert.equal(countOrders(join(shop.folder, 'new.db')), 2);
      });
    });

    it(`is kept by the rotation when the clock ${clock}`, async () => {
      await withShop(async (shop, location) => {
        await backUp(shop, location, first, '--keep', '1');
        await place(shop.url);
        const latest = await backUp(shop, location, second, '--keep', '1');
        assert.deepEqual(namesIn(location), [latest.name]);
        // With no order in between, only the backups themselves know which was later.
        const third = await backUp(shop, location, second - daySeconds, '--keep', '1');
        assert.deepEqual(namesIn(location), [third.name]);
      });
    });
  }
});

describe('the latest backup of a shop that was restored and went on', () => {
  it('stays the longer one while the shop holds no other order, and rotation keeps both', async () => {
    await withShop(async (shop, location) => {
      const common = await backUp(shop, location, 0);
      await place(shop.url);
      const longer = await backUp(shop, location, 0);
      await inFolder(async (folder) => {
        const file = join(folder, 'stale.db');
        await must(
          runCli(['restore', common.name, '--from', location, '--to', `sqlite:${file}`], { dir: folder }),
        );
        const to = ['backup', '--to', location, '--keep', '1'];
        const output = await must(runCli(to, { dir: folder, env: { DATABASE_URL: `sqlite:${file}` } }));
        assert.match(
          output,
          new RegExp(`^${longer.name} in .* goes on, up to log position 2, where this shop ends: `, 'm'),
        );
        const stale = /^(nozama-\S+) in .*: [\d,]+ orders up to/m.exec(output)?.[1] ?? assert.fail(output);
        assert.deepEqual(namesIn(location), [longer.name, stale], 'the new backup stays');
        const restored = await restoreLatest(location, join(folder, 'latest.db'));
        assert.match(restored, new RegExp(`^Restored ${longer.name} `, 'm'));
      });
    });
  });

  it('is kept by its own rotation, though the longer one does not say which orders it holds', async () => {
    await withShop(async (shop, location) => {
      const common = await backUp(shop, location, 0);
      for (let count = 0; count < 3; count += 1) await place(shop.url);
      const left = await backUp(shop, location, 0);
      for (const { name } of [common, left]) removeSamples(location, name);
      await shop.kill();
      await inFolder(async (folder) => {
        const file = join(folder, 'nozama.db');
        const from = ['restore', common.name, '--from', location, '--to', `sqlite:${file}`];
        await must(runCli(from, { dir: folder }));
        const restored = await openShop({ folder });
        try {
          await place(restored.url);
          const fresh = await backUp(restored, location, 0, '--keep', '1');
          assert.doesNotMatch(fresh.output, new RegExp(`^Removed by --keep: .*${fresh.name}`, 'm'));
          assert.deepEqual(namesIn(location), [left.name, fresh.name].sort());
        } finally {
          await restored.close();
        }
      });
    });
  });

  it('is of the new history, with a warning that names the other', async () => {
    await withShop(async (shop, location) => {
      const common = await backUp(shop, location, 0);
      for (let count = 0; count < 2; count += 1) await place(shop.url);
      const left = await backUp(shop, location, 0);
      await shop.kill();
      await inFolder(async (folder) => {
        const file = join(folder, 'nozama.db');
        await must(
          runCli(['restore', common.name, '--from', location, '--to', `sqlite:${file}`], { dir: folder }),
        );
        const restored = await openShop({ folder });
        try {
          await place(restored.url);
          const first = await backUp(restored, location, 0, '--keep', '3');
          assert.match(
            first.output,
            new RegExp(
              `^${left.name} in .* holds orders, up to log position 3, that this shop does not hold`,
              'm',
            ),
          );
          const second = await backUp(restored, location, 0);
          assert.doesNotMatch(second.output, /holds orders/, 'it is told once');
          const output = await restoreLatest(location, join(folder, 'latest.db'));
          assert.match(output, new RegExp(`^Restored ${second.name} `, 'm'));
          assert.match(
            output,
            new RegExp(
              `^${left.name} holds orders, up to log position 3, that ${second.name} does not hold: `,
              'm',
            ),
          );
          const listed = await must(runCli(['backups', '--at', location], { dir: folder }));
          const lines = listed.trimEnd().split('\n');
          assert.deepEqual(
            lines.map((line) => line.split('  ')[0]),
            [common, left, first, second].map(({ name }) => name),
          );
          assert.deepEqual(
            lines.map((line) => line.endsWith('  another history')),
            [false, true, false, false],
          );
          const kept = await backUp(restored, location, 0, '--keep', '1');
          assert.deepEqual(namesIn(location), [left.name, kept.name].sort(), 'its orders are nowhere else');
        } finally {
          await restored.close();
        }
      });
    });
  });
});
