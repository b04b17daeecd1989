/**
 * Keeps `products.name_place` in the order of names, then SKUs. It is the number by which a ranking settles
 * ties, so that counters and their index hold a small integer instead of a text.
 *
 * A product between two others gets a number between theirs. Where there is none left, all products are
 * numbered anew: rare, and in the catalogue's own transaction.
 */
import type { DatabaseSync } from 'node:sqlite';

/** The distance at first: at least ten products find room between two others. */
const placeStep = 1024;

export interface NamePlaces {
  /** Finds a place for a product that is new or renamed, and stored under its new name. */
  place(sku: string, name: string): void;
  /** To be called once after all calls of `place`, in the same transaction. */
  settle(): void;
}

export function createNamePlaces(db: DatabaseSync): NamePlaces {
  const selectBefore = db.prepare(
    'SELECT name_place FROM products WHERE (name, sku) < (?, ?) ORDER BY name DESC, sku DESC LIMIT 1',
  );
  const selectAfter = db.prepare(
    'SELECT name_place FROM products WHERE (name, sku) > (?, ?) ORDER BY name, sku LIMIT 1',
  );
  const setPlace = db.prepare('UPDATE products SET name_place = ? WHERE sku = ?');
  const numberAnew = db.prepare(`
    UPDATE products SET name_place = numbered.place
    FROM (SELECT sku, ${placeStep} * row_number() OVER (ORDER BY name, sku) AS place FROM products) AS numbered
    WHERE products.sku = numbered.sku AND products.name_place <> numbered.place`);
  const followProducts = db.prepare(`
    UPDATE popularity SET name_place = products.name_place
    FROM products
    WHERE products.product_no = popularity.product_no AND products.name_place <> popularity.name_place`);
  let hasMoved = false;
  let isCrowded = false;

  return {
    place(sku, name) {
      const before = Number(selectBefore.get(name, sku)?.['name_place'] ?? 0);
      const next = selectAfter.get(name, sku)?.['name_place'];
      const after = next === undefined ? before + 2 * placeStep : Number(next);
      const middle = Math.floor((before + after) / 2);
      setPlace.run(middle, sku);
      hasMoved = true;
      // Also when `before` and `after` are out of order, because they were crowded themselves.
      if (middle <= before || middle >= after) isCrowded = true;
    },
    settle() {
      if (isCrowded) numberAnew.run();
      if (hasMoved) followProducts.run();
      isCrowded = false;
      hasMoved = false;
    },
  };
}
