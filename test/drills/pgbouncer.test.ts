/**
 * A crash of PostgreSQL behind a PgBouncer, and of PgBouncer itself, in turns and under load: the service hears of the
 * first only when it asks for something.
 *
 * `DRILL_ROUNDS` rounds, 20 unless told, of which every fifth counts here; `SEED=…` repeats them.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../lab/postgres/postgres-server.ts';
import { until } from '../journeys/behind-the-service.ts';
import { withShop } from '../journeys/open-shop.ts';
import { get, place } from '../journeys/shop-client.ts';
import { pgBouncerMissing, startPgBouncer } from '../postgres/pgbouncer.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';

const missing = (await postgresMissing()) ?? pgBouncerMissing();
const rounds = Math.ceil(Number(process.env['DRILL_ROUNDS'] || 20) / 5);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);

describe('through PgBouncer', { skip: missing ?? false }, () => {
  it(`loses nothing when the server behind it crashes, nor when it does itself in ${rounds} rounds (SEED=${seed})`, {
    timeout: 30_000 + rounds * 20_000,
  }, async () => {
    const random = seededRandom(seed);
    await using server = await startPostgres({ fsync: true });
    await using bouncer = await startPgBouncer(server.url('postgres'));
    const settings = { DATABASE_URL: bouncer.url(server.url('postgres')), DEMO_STOCK: '1000000' };
    await withShop({ settings }, async (shop) => {
      const ledger = openLedger({ skus: ['awning-mug', 'tent-4p', 'wool-throw'], random });
      for (let round = 1; round <= rounds; round += 1) {
        let isOver = false;
        const before = ledger.acknowledgedCount();
        const buying = Array.from({ length: 8 }, () => ledger.buyUntil(shop.url, () => isOver));
        await until(() => ledger.acknowledgedCount() > before + 20, 'load');
        await sleep(random() * 100);
        if (round % 2 === 0) {
          await bouncer.restart();
        } else {
          await server.stop('immediate');
          await until(async () => (await get(`${shop.url}/readyz`)).status === 503, 'a refusal');
          await server.start();
        }
        await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness', 30_000);
        isOver = true;
        await Promise.all(buying);
        await ledger.settle(shop.url);
        assert.equal(ledger.openCount(), 0, `round ${round}: every request has its answer`);
        const acknowledged = ledger.acknowledgedCount();
        assert.deepEqual(
          await server.query(
            'SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_log)::int AS log',
          ),
          [{ orders: acknowledged, log: acknowledged }],
          `round ${round}: each order once`,
        );
        for (const { status } of ledger.otherAnswers) assert.equal(status, 503);
      }
      await place(shop.url);
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    });
  });
});
