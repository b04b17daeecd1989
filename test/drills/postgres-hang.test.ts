/**
 * An instance that stops in the middle of a batch without ending, as a machine that is paused does: it has locked the
 * stock, and its connection stands. PostgreSQL gives it up after a while; when it wakes it must not go on from there.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { idleInTransactionTimeoutMs } from '../../src/storage/postgres/postgres-settings.ts';
import { until } from '../journeys/behind-the-service.ts';
import { openShop } from '../journeys/open-shop.ts';
import { anOrder, inStock, jsonOf, postOrder } from '../journeys/shop-client.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';

const missing = await postgresMissing();
const stock = 100;

describe('one of two services that hangs', { skip: missing ?? false }, () => {
  it('holds up the other for a bounded time, and sells nothing twice when it wakes', {
    timeout: 60_000,
  }, async () => {
    const hanging = await openShop({ engine: 'postgres', settings: { DEMO_STOCK: String(stock) } });
    const database = hanging.postgres;
    assert.ok(database);
    const other = await openShop({ settings: { DATABASE_URL: database.url } });
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    const isThere = async (where: string) => {
      const found = await holder.query(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'nozama write' AND ${where}`,
      );
      return found.rowCount === 1;
    };
    try {
      await holder.query("BEGIN; SELECT FROM stock WHERE sku = 'tent-4p' FOR UPDATE");
      const asked = postOrder(hanging.url, anOrder(), 'hanging').catch(() => null);
      await until(() => isThere("wait_event_type = 'Lock'"), 'its batch at the stock');
      hanging.service.kill('SIGSTOP');
      await holder.query('COMMIT');
      await until(() => isThere("state = 'idle in transaction'"), 'its batch in the middle');

      const refused = await postOrder(other.url, anOrder(), 'other');
      assert.equal(refused.status, 503, 'the stock is still locked');
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      await until(
        async () => (await postOrder(other.url, anOrder(), 'other')).status === 201,
        'the end of its session',
        2 * idleInTransactionTimeoutMs,
      );

      hanging.service.kill('SIGCONT');
      const answer = await asked;
      assert.ok(answer === null || answer.status === 201 || answer.status === 503, answer?.text);
      const again = await postOrder(hanging.url, anOrder(), 'hanging');
      assert.equal(again.status, 201, again.text);
      if (answer?.status === 201) assert.equal(again.text, answer.text);
      assert.notEqual(jsonOf(again).number, jsonOf(await postOrder(other.url, anOrder(), 'other')).number);
      assert.equal(await inStock(other.url, 'tent-4p'), stock - 2);
      const { code, output } = await other.verify();
      assert.equal(code, 0, output);
    } finally {
      hanging.service.kill('SIGCONT');
      await holder.end();
      await other.close();
      await hanging.close();
    }
  });
});
