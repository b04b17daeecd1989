/** What steps of orders change, beside the stock, the keys and the log that orders change too. */
import type { DatabaseSync } from 'node:sqlite';
import type { WriteSet } from '../../domain/decide-batch.ts';
import { erasedText } from '../../domain/order-event.ts';
import type { CountedProduct } from './commit-batch.ts';
import { changeOrder, eraseOrder, eventText } from './row-room.ts';

export function createStepWriter(db: DatabaseSync) {
  const insertEvent = db.prepare(`
    INSERT INTO order_events (order_number, revision, event_id, type, at_ms, actor, data)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertKeyOfStep = db.prepare('INSERT INTO keys_of_steps VALUES (?, ?, ?)');
  const changeState = db.prepare(changeOrder);
  const takePopularity = db.prepare(`
    UPDATE popularity SET orders = orders - ?, units = units - ? WHERE state = ? AND product_no = ?`);
  const dropCounter = db.prepare('DELETE FROM popularity WHERE state = ? AND product_no = ? AND orders = 0');
  const erasePerson = db.prepare(eraseOrder);
  const changeData = db.prepare('UPDATE order_events SET data = ? WHERE order_number = ? AND revision = ?');

  /**
   * Texts that are longer than a page are in pages of their own. These are free afterwards, and only
   * `secure_delete = ON` overwrites them too: it costs an erasure some writes, and orders nothing.
   */
  function erase(erasedOrders: WriteSet['erasedOrders']): void {
    db.exec('PRAGMA secure_delete = ON');
    try {
      for (const { number, zipCode, events } of erasedOrders) {
        erasePerson.run(erasedText, zipCode, number);
        for (const { revision, data } of events) changeData.run(JSON.stringify(data), number, revision);
      }
    } finally {
      db.exec('PRAGMA secure_delete = FAST');
    }
  }

  return (
    { events, keys, changedOrders, erasedOrders, popularityTaken }: WriteSet,
    counted: ReadonlyMap<string, CountedProduct>,
  ): void => {
    for (const event of events) {
      const { orderNumber, revision, eventId, type, atMs, actor } = event;
      insertEvent.run(orderNumber, revision, eventId, type, atMs, actor, eventText(event));
    }
    for (const { scope, key, revision } of keys) if (revision > 1) insertKeyOfStep.run(scope, key, revision);
    for (const { status, revision, number } of changedOrders) changeState.run(status, revision, number);
    if (erasedOrders.length > 0) erase(erasedOrders);
    for (const { state, sku, orders, units } of popularityTaken) {
      const product = counted.get(sku);
      if (product === undefined) throw new Error(`a step counts ${sku}, which the snapshot does not hold`);
      takePopularity.run(orders, units, state, product.productNo);
      dropCounter.run(state, product.productNo);
    }
  };
}
