/** What steps of orders change, beside the stock, the keys and the log that orders change too. */
import type { DatabaseSync } from 'node:sqlite';
import type { WriteSet } from '../../domain/decide-batch.ts';
import { erasedText } from '../../domain/order-event.ts';
import type { CountedProduct } from './commit-batch.ts';

export function createStepWriter(db: DatabaseSync) {
  const insertEvent = db.prepare(`
    INSERT INTO order_events (order_number, revision, event_id, type, at_ms, actor, data)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertKeyOfStep = db.prepare('INSERT INTO keys_of_steps VALUES (?, ?, ?)');
  const changeOrder = db.prepare('UPDATE orders SET status = ?, revision = ? WHERE number = ?');
  const takePopularity = db.prepare(`
    UPDATE popularity SET orders = orders - ?, units = units - ? WHERE state = ? AND product_no = ?`);
  const dropCounter = db.prepare('DELETE FROM popularity WHERE state = ? AND product_no = ? AND orders = 0');
  const eraseOrder = db.prepare(
    'UPDATE orders SET customer_name = ?, street_address = ?, zip_code = ?, email = NULL WHERE number = ?',
  );
  const changeData = db.prepare('UPDATE order_events SET data = ? WHERE order_number = ? AND revision = ?');

  return (
    { events, keys, changedOrders, erasedOrders, popularityTaken }: WriteSet,
    counted: ReadonlyMap<string, CountedProduct>,
  ): void => {
    for (const event of events) {
      const { orderNumber, revision, eventId, type, atMs, actor, data } = event;
      insertEvent.run(orderNumber, revision, eventId, type, atMs, actor, JSON.stringify(data));
    }
    for (const { scope, key, revision } of keys) if (revision > 1) insertKeyOfStep.run(scope, key, revision);
    for (const { status, revision, number } of changedOrders) changeOrder.run(status, revision, number);
    for (const { number, zipCode, events: changed } of erasedOrders) {
      eraseOrder.run(erasedText, erasedText, zipCode, number);
      for (const { revision, data } of changed) changeData.run(JSON.stringify(data), number, revision);
    }
    for (const { state, sku, orders, units } of popularityTaken) {
      const product = counted.get(sku);
      if (product === undefined) throw new Error(`a step counts ${sku}, which the snapshot does not hold`);
      takePopularity.run(orders, units, state, product.productNo);
      dropCounter.run(state, product.productNo);
    }
  };
}
