/**
 * Tries whether orders can be stored, without storing any: the made-up batch of `server/write-probe.ts` is written by
 * the statements of a real one and rolled back, then one row is written durably. The dead rows that it leaves behind
 * are given back to orders by autovacuum; a probe runs only after an order has failed.
 */
import { madeUpWriteSet } from '../server/write-probe.ts';
import type { Statement } from './connection.ts';
import { beginReadCommitted, lockShop } from './locks.ts';
import { writeStatements } from './write-set.ts';

/** One round trip. @param transactionSettings behind each BEGIN */
export function probeStatements(transactionSettings: readonly Statement[]): readonly Statement[] {
  const begin = [{ text: beginReadCommitted }, ...transactionSettings];
  return [
    ...begin,
    // An instance that hangs with it keeps orders from being stored, too.
    lockShop,
    ...writeStatements(madeUpWriteSet()),
    { text: 'UPDATE stock SET on_hand = on_hand WHERE sku = (SELECT min(sku) FROM stock)' },
    { text: 'UPDATE order_numbers SET next_number = next_number' },
    // So that nothing is left for a COMMIT to check.
    { text: 'SET CONSTRAINTS ALL IMMEDIATE' },
    { text: 'ROLLBACK' },
    ...begin,
    { text: 'UPDATE write_probe SET writes = writes + 1' },
    { text: 'COMMIT' },
  ];
}
