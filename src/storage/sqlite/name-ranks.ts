/**
 * Keeps each product's rank by name: the column `products.name_place` grows in the order of names, then SKUs. A
 * ranking settles ties by it, so that counters and their index hold a small integer instead of a text.
 *
 * A product between two others gets a number between theirs. When no number is free between them, all products are
 * numbered anew: this is rare, and happens in the catalogue's own transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import { usStates } from '../../domain/us-state.ts';

/** The distance between two neighbours at first: at least ten products find room between them. */
const rankStep = 1024;

export interface NameRanks {
  /**
   * Gives a rank to a product that is new or renamed, and already stored under its new name.
   * @param productNo by which its counters know it; null when it is new and has none
   */
  rank(sku: string, name: string, productNo: number | null): void;
  /** Call it once after all calls of `rank`, in the same transaction. */
  settle(): void;
}

export function createNameRanks(db: DatabaseSync): NameRanks {
  const selectBefore = db.prepare(
    'SELECT name_place FROM products WHERE (name, sku) < (?, ?) ORDER BY name DESC, sku DESC LIMIT 1',
  );
  const selectAfter = db.prepare(
    'SELECT name_place FROM products WHERE (name, sku) > (?, ?) ORDER BY name, sku LIMIT 1',
  );
  const setRank = db.prepare('UPDATE products SET name_place = ? WHERE sku = ?');
  const numberAnew = db.prepare(`
    UPDATE products SET name_place = numbered.name_rank
    FROM (SELECT sku, ${rankStep} * row_number() OVER (ORDER BY name, sku) AS name_rank FROM products) AS numbered
    WHERE products.sku = numbered.sku AND products.name_place <> numbered.name_rank`);
  const followProducts = db.prepare(`
    UPDATE popularity SET name_place = products.name_place
    FROM products
    WHERE products.product_no = popularity.product_no AND products.name_place <> popularity.name_place`);
  // A counter for each state at most: found by their key, which begins with the state.
  const followProduct = db.prepare(
    'UPDATE popularity SET name_place = ? WHERE product_no = ? AND state IN (SELECT value FROM json_each(?))',
  );
  const states = JSON.stringify(usStates);
  let isCrowded = false;

  return {
    rank(sku, name, productNo) {
      const before = Number(selectBefore.get(name, sku)?.['name_place'] ?? 0);
      const next = selectAfter.get(name, sku)?.['name_place'];
      const after = next === undefined ? before + 2 * rankStep : Number(next);
      const middle = Math.floor((before + after) / 2);
      setRank.run(middle, sku);
      if (productNo !== null) followProduct.run(middle, productNo, states);
      // Also when `before` and `after` are out of order, because they were crowded themselves.
      if (middle <= before || middle >= after) isCrowded = true;
    },
    settle() {
      if (!isCrowded) return;
      numberAnew.run();
      followProducts.run();
      isCrowded = false;
    },
  };
}
