/** Two instances on one PostgreSQL database, replaced one after the other while shoppers come through a proxy. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findFixedPort } from '../../lab/service/fixed-port.ts';
import { openLedger, seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { get } from '../journeys/shop-client.ts';
import { openTestDatabase, postgresMissing } from '../postgres/postgres-databases.ts';
import { type RunningService, runCli, startService } from '../service.ts';
import { openBalancingProxy, probeEveryMs } from './balancing-proxy.ts';

const missing = await postgresMissing();
const rounds = 2;

describe('a rolling restart', { skip: missing ?? false }, () => {
  test('fails no request, and loses and doubles no order', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nozama-rolling-'));
    await using database = await openTestDatabase({ isEmpty: true });
    const shared = {
      DATABASE_URL: database.url,
      DEMO_STOCK: '1000000',
      LOG_FILE: '',
      // Until the proxy has seen it, with time for a slow machine.
      SHUTDOWN_DELAY_MS: String(probeEveryMs * 20),
    };
    const ports = [await findFixedPort(), await findFixedPort()];
    const start = (port: number | undefined) =>
      startService({ dir, env: { ...shared, PORT: String(port) }, startMs: 20_000 });
    const services: RunningService[] = [await start(ports[0]), await start(ports[1])];
    try {
      const backends = services.map(({ url }) => url);
      await using proxy = await openBalancingProxy(backends);
      const areAllUsed = () => backends.every((url) => proxy.isUsed(url));
      await until(areAllUsed, 'two ready instances');
      const ledger = openLedger({ skus: ['awning-mug', 'tent-4p', 'wool-throw'], random: seededRandom(25) });
      const readings: number[] = [];
      let isOver = false;
      const readUntilOver = async () => {
        while (!isOver) readings.push((await get(`${proxy.url}/`)).status);
      };
      const shoppers = [
        ...Array.from({ length: 6 }, () => ledger.buyUntil(proxy.url, () => isOver)),
        ...Array.from({ length: 2 }, readUntilOver),
      ];
      const moreOrders = async () => {
        const soFar = ledger.acknowledgedCount();
        await until(() => ledger.acknowledgedCount() > soFar + 30, 'more orders');
      };
      try {
        await moreOrders();
        for (let round = 0; round < rounds; round += 1) {
          for (const [index, service] of services.entries()) {
            assert.equal((await service.stop()).code, 0);
            await moreOrders();
            services[index] = await start(ports[index]);
            await until(areAllUsed, 'its successor');
          }
        }
        await moreOrders();
      } finally {
        isOver = true;
        await Promise.all(shoppers);
      }
      assert.deepEqual(proxy.failures, []);
      assert.deepEqual(ledger.otherAnswers, []);
      assert.equal(ledger.openCount(), 0);
      assert.deepEqual([...new Set(readings)], [200]);
      await ledger.settle(proxy.url);
      const { code, output } = await runCli(['verify'], { dir, env: shared });
      assert.equal(code, 0, output);
    } finally {
      for (const service of services) service.kill('SIGKILL');
      await Promise.all(services.map(({ exited }) => exited));
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
