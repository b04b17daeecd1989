import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/journeys/behind-the-service.ts';
import { anOrder, get, jsonOf, place, postOrder } from '../../test/journeys/shop-client.ts';
import { postgresMissing } from '../../test/postgres/postgres-databases.ts';
import { runtimeUnderTest } from '../../test/service.ts';
import type { OwnService, OwnServiceOptions } from './own-service.ts';
import { mounting } from './small-disk.ts';
import { startOwnService } from './start-own-service.ts';

async function withOwn(
  options: Partial<OwnServiceOptions>,
  use: (service: OwnService, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  try {
    const service = await startOwnService({
      engine: 'sqlite',
      isOnSmallDisk: false,
      runtime: runtimeUnderTest(),
      stock: 1_000,
      folder,
      ...options,
    });
    try {
      await use(service, folder);
    } finally {
      await service.remove();
    }
    assert.deepEqual(readdirSync(folder), [], 'nothing is left behind');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const hourMs = 3_600_000;

describe('the lab’s own service', () => {
  it('keeps its address and its data when it is killed, or stopped, and started again', () =>
    withOwn({}, async (service) => {
      const { url } = service;
      const order = await place(url);
      for (const end of [service.kill, service.stop]) {
        const pid = service.pid();
        await end();
        assert.equal(service.isRunning(), false);
        assert.equal(service.pid(), null);
        await assert.rejects(get(`${url}/livez`));
        await service.start();
        assert.notEqual(service.pid(), pid);
        assert.equal(service.url, url);
        assert.equal((await get(`${url}${order.confirmation_url}`)).status, 200);
      }
      const { products } = jsonOf(await get(`${url}/api/v1/products?limit=100`));
      assert.equal(products[0].num_in_stock + products[1].num_in_stock > 1_990, true);
    }));

  it('answers nothing while it is frozen, and everything afterwards', () =>
    withOwn({}, async (service) => {
      const pid = service.pid();
      service.freeze();
      let isAnswered = false;
      const answer = get(`${service.url}/livez`).then((found) => {
        isAnswered = true;
        return found;
      });
      await sleep(150);
      assert.equal(isAnswered, false);
      service.thaw();
      assert.equal((await answer).status, 200);
      assert.equal(service.pid(), pid);
      // It can be stopped and removed while it is frozen, too.
      service.freeze();
      await service.stop();
      await service.start();
      service.freeze();
    }));

  it('lives ahead of time, and in time again', () =>
    withOwn({}, async (service) => {
      const aheadMs = async () => {
        const atMs = Date.now();
        const { placed_at: placedAt } = await place(service.url);
        return Date.parse(placedAt) - atMs;
      };
      service.setClockAhead(3_600);
      await sleep(100);
      const ahead = await aheadMs();
      assert.ok(ahead >= hourMs - 1 && ahead < hourMs + 60_000, `${ahead} ms ahead`);
      await service.kill();
      await service.start();
      assert.ok((await aheadMs()) >= hourMs - 1, 'still, when it is started again');
      service.setClockAhead(0);
      await sleep(100);
      assert.ok((await aheadMs()) < 60_000);
      assert.equal((await service.verify()).code, 0);
      assert.throws(() => service.setClockAhead(Number.NaN), /seconds ahead at the most/);
    }));

  it('has a second instance on the same database', () =>
    withOwn({}, async (service) => {
      const second = await service.startSecond();
      assert.notEqual(second, service.url);
      const order = await place(second);
      assert.equal((await get(`${service.url}${order.confirmation_url}`)).status, 200);
      await service.stopSecond();
      await assert.rejects(get(`${second}/livez`));
      assert.equal(await service.startSecond(), second);
    }));

  it('says what can’t be done to it, and does not pretend', () =>
    withOwn({}, async (service) => {
      const { fillDisk, stopDatabase, cutDatabaseConnection, setClockAhead } = service.abilities;
      assert.match(String(fillDisk), /small disk/);
      assert.match(String(stopDatabase), /no database server/);
      assert.match(String(cutDatabaseConnection), /no database server/);
      assert.equal(setClockAhead, true);
      assert.throws(service.fillDisk, /small disk/);
      assert.throws(service.cutDatabaseConnection, /no database server/);
      assert.throws(() => service.stopDatabase(), /no database server/);
    }));

  it('is verified by a process that finds what is wrong', () =>
    withOwn({}, async (service) => {
      await place(service.url);
      const sound = await service.verify();
      assert.equal(sound.code, 0, sound.output);
      const db = new DatabaseSync(service.settings['DATABASE_URL']?.replace('sqlite:', '') ?? '');
      db.exec('UPDATE orders SET total_cents = total_cents + 1');
      db.close();
      const damaged = await service.verify();
      assert.equal(damaged.code, 1, damaged.output);
      assert.match(damaged.output, /add up to its total/);
    }));

  it('says why it could not start, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
    const options = { engine: 'sqlite', isOnSmallDisk: false, runtime: runtimeUnderTest() } as const;
    await assert.rejects(startOwnService({ ...options, stock: -1, folder }), /did not start: .*DEMO_STOCK/);
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });
});

const how = mounting();
describe('its small disk', { skip: how === 'allowed' ? false : 'no small disk can be mounted here' }, () => {
  it('turns orders away while it is full, and takes them again', () =>
    withOwn({ isOnSmallDisk: true }, async (service) => {
      assert.equal(service.abilities.fillDisk, true);
      await place(service.url);
      service.fillDisk();
      await until(async () => (await postOrder(service.url, anOrder())).status === 503, 'a refusal');
      service.emptyDisk();
      await until(async () => (await postOrder(service.url, anOrder())).status === 201, 'an order');
      assert.equal((await service.verify()).code, 0);
    }));
});

const skip = await postgresMissing();
describe('its PostgreSQL', { skip: skip ?? false }, () => {
  it('can be cut off, crash, and come back', () =>
    withOwn({ engine: 'postgres' }, async (service) => {
      const pid = service.pid();
      const { url } = service;
      const order = await place(url);
      const isBack = async () => (await postOrder(url, anOrder())).status === 201;
      service.cutDatabaseConnection();
      assert.equal((await postOrder(url, anOrder())).status, 503);
      service.mendDatabaseConnection();
      await until(isBack, 'an order over a way that is mended');
      await service.stopDatabase();
      assert.equal((await postOrder(url, anOrder())).status, 503);
      await service.startDatabase();
      await service.startDatabase();
      await until(isBack, 'an order on a database that runs again');
      assert.equal(service.pid(), pid);
      assert.equal((await get(`${url}${order.confirmation_url}`)).status, 200);
      const { code, output } = await service.verify();
      assert.equal(code, 0, output);
    }));
});
