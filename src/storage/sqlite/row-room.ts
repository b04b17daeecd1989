/**
 * Rows that hold personal data never grow once they are written. SQLite overwrites the bytes that an update frees
 * (`secure_delete`), but not all copies of the neighbours that it moves when a row outgrows its page: of 48,000 orders
 * that were taken through their lives, 3 were left in the free part of a page (docs/decisions/0037). So an order is
 * written with the room that it may need, and gives it away as it grows.
 *
 * Limits: rows of earlier versions and of an older program have no room (docs/PRIVACY.md), and revisions beyond 32,767
 * take a byte more than is kept.
 */
import { asPlaced, type Order } from '../../domain/order.ts';
import { type EventContent, erasedText, withoutPersonalData } from '../../domain/order-event.ts';
import { orderStatuses } from '../../domain/order-lifecycle.ts';

const statusGrowth = Math.max(...orderStatuses.map(({ length }) => length)) - asPlaced.status.length;

/** Revision 1 takes no byte in a row, 32,767 two (sqlite.org/fileformat2.html#record_format). */
const revisionGrowth = 2;

const alwaysKept = statusGrowth + revisionGrowth;
const spaces = ' '.repeat(alwaysKept + 2 * erasedText.length);

/** A text is at least as long in bytes as in UTF-16 units. */
const growthOf = (text: string) => Math.max(0, erasedText.length - text.length);

/** `orders.spare` of an order as it is placed. */
export function roomOf({ customerName, streetAddress }: Order): string {
  return spaces.slice(0, alwaysKept + growthOf(customerName) + growthOf(streetAddress));
}

const bytesOf = (revision: string) =>
  `(CASE WHEN ${revision} <= 1 THEN 0 WHEN ${revision} <= 127 THEN 1 ELSE 2 END)`;

const spareLess = (growth: string) => `substr(spare, 1, max(0, length(spare) - max(0, ${growth})))`;

/** Parameters: status, revision, number. */
export const changeOrder = `
  UPDATE orders SET status = ?1, revision = ?2, spare = ${spareLess(
    `octet_length(?1) - octet_length(status) + ${bytesOf('?2')} - ${bytesOf('revision')}`,
  )} WHERE number = ?3`;

/** Parameters: the text instead of name and street, the ZIP code, number. */
export const eraseOrder = `
  UPDATE orders SET customer_name = ?1, street_address = ?1, zip_code = ?2, email = NULL, spare = ${spareLess(
    `2 * octet_length(?1) - octet_length(customer_name) - octet_length(street_address)
      + octet_length(?2) - octet_length(zip_code) - coalesce(octet_length(email), 0)`,
  )} WHERE number = ?3`;

/** `order_events.data`: JSON, with blanks behind it where the erased data would be longer. */
export function eventText(content: EventContent): string {
  const text = JSON.stringify(content.data);
  return text.padEnd(JSON.stringify(withoutPersonalData(content).data).length);
}
