/**
 * The log of a shop on PostgreSQL, on a connection of its own that only reads.
 *
 * Always holds: each call is a transaction of its own, of one moment, in one round trip; nothing stays on the session, so
 * that a pooler may give each call another. A lost connection is opened again by the next call. Positions are safe to
 * read up to the last that is seen: those of the order log and of the ledger are given under the shop's lock, those of
 * the products under the catalogue's, which are held until the commit (locks.ts). Where orders lie on other servers, the
 * distribution tells the end of the order log.
 */
import { createConnectionSlot, createOutage } from '../server/connection-slot.ts';
import { createExclusivePool } from '../server/exclusive-pool.ts';
import { openUnhurried } from '../server/unhurried-connection.ts';
import { assertLogRange, type ShopLog } from '../shop-log.ts';
import { type Answer, openConnection, type Statement } from './connection.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { SettledEnd } from './distribution.ts';
import { beginOneMoment } from './locks.ts';
import { assertUsableSchema } from './migrate.ts';
import { transactionLimits } from './pooled-transactions.ts';
import { selectProductChanges, selectShopId, toProductEntries, toShopId } from './product-log.ts';
import {
  selectEnd,
  selectFact,
  selectMovementsOf,
  selectOrderEvents,
  selectPlacedOrders,
  selectTimeAfter,
  toEventEntries,
  toFact,
  toMovements,
  toPlacedEntries,
} from './shop-log-statements.ts';
import type { DatabaseOptions } from './unhurried-connection.ts';

/** @throws DatabaseRefusedError when the server can't be used or trusted, or the schema is not this program's */
export async function openPostgresShopLog({ location, settings }: DatabaseOptions): Promise<ShopLog> {
  const address = parseDatabaseUrl(location);
  const outage = createOutage(Date.now, Math.random);
  const slot = createConnectionSlot({
    open: () => openConnection(address, settings, { applicationName: 'nozama log' }),
    outage,
  });
  const { withConnection, close } = createExclusivePool([slot], outage);
  const before: readonly Statement[] = [
    { text: beginOneMoment },
    ...(address.isPooled ? [transactionLimits(settings)] : []),
  ];

  /** The end of a transaction that has failed is a rollback. */
  const ask = (...statements: readonly Statement[]): Promise<readonly Answer[]> =>
    withConnection(async ({ send }) =>
      (await send([...before, ...statements, { text: 'COMMIT' }])).slice(before.length, -1),
    );

  let settledEnd: SettledEnd | null;
  try {
    const { distribution } = await openUnhurried(slot.connect);
    settledEnd = distribution.settledEnd?.(selectEnd.orders) ?? null;
    await withConnection(assertUsableSchema);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    readShopId: async () => toShopId((await ask(selectShopId))[0]),
    async readEnd(log) {
      if (log === 'orders' && settledEnd !== null) {
        const read = settledEnd;
        return withConnection(({ send }) => read(send));
      }
      const [answer] = await ask(selectEnd[log]);
      return Number(answer?.rows[0]?.['position']);
    },
    async readTimeAfter(log, position) {
      const [answer] = await ask(selectTimeAfter[log](position));
      const row = answer?.rows[0];
      return row === undefined ? null : Number(row['at_ms']);
    },
    readFact: async (log, position) => toFact(log, (await ask(selectFact[log](position)))[0]),
    async readPlacedOrders(range) {
      assertLogRange(range);
      return toPlacedEntries(await ask(...selectPlacedOrders(range)));
    },
    async readOrderEvents(range) {
      assertLogRange(range);
      return toEventEntries(await ask(...selectOrderEvents(range)));
    },
    async readProductChanges(range) {
      assertLogRange(range);
      return toProductEntries((await ask(selectProductChanges(range)))[0]);
    },
    async readMovements(range) {
      assertLogRange(range);
      return toMovements((await ask(selectMovementsOf(range)))[0]);
    },
    close,
  };
}
