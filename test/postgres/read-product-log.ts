/** The shop's id and its log of product changes, as the modules of PostgreSQL's engine read them. */
import {
  selectProductChanges,
  selectProductEnd,
  selectShopId,
  toProductEntries,
  toShopId,
} from '../../src/storage/postgres/product-log.ts';
import { withUnhurriedConnection } from '../../src/storage/postgres/unhurried-connection.ts';
import type { ProductEntry } from '../../src/storage/shop-log.ts';
import { locationOf, type TestDatabase, testSettings } from './postgres-databases.ts';

export function readProductLog({ url }: Pick<TestDatabase, 'url'>): Promise<readonly ProductEntry[]> {
  return withUnhurriedConnection({ location: locationOf(url), settings: testSettings }, async ({ send }) => {
    const [end] = await send([selectProductEnd]);
    const through = Number(end?.rows[0]?.['position']);
    return toProductEntries((await send([selectProductChanges({ after: 0, through })]))[0]);
  });
}

export function readShopId({ url }: Pick<TestDatabase, 'url'>): Promise<string> {
  return withUnhurriedConnection({ location: locationOf(url), settings: testSettings }, async ({ send }) =>
    toShopId((await send([selectShopId]))[0]),
  );
}
