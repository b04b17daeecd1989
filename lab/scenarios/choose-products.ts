/** Which of the listed products a scenario orders. Each keeps the answer for the run, the list does not change. */
import type { ListedProduct } from './scenario.ts';

const plentyUnits = 1_000;

/** Those that will not run out soon; where there are none, those in stock; where there are none, all. */
export const wellStocked = oncePerList((products) => {
  const plenty = products.filter(({ onHand }) => onHand >= plentyUnits);
  if (plenty.length > 0) return plenty;
  const inStock = products.filter(({ onHand }) => onHand > 0);
  return inStock.length > 0 ? inStock : products;
});

/** The one with the fewest units left, but not none where there is another. */
export const scarcest = oncePerList((products) =>
  products.reduce((least, product) =>
    product.onHand > 0 && (least.onHand === 0 || product.onHand < least.onHand) ? product : least,
  ),
);

/** @throws when the list is empty */
function oncePerList<Choice>(
  choose: (products: readonly ListedProduct[]) => Choice,
): (products: readonly ListedProduct[]) => Choice {
  const chosen = new WeakMap<readonly ListedProduct[], { readonly choice: Choice }>();
  return (products) => {
    let known = chosen.get(products);
    if (known === undefined) {
      if (products.length === 0) throw new Error('the service lists no product to order');
      known = { choice: choose(products) };
      chosen.set(products, known);
    }
    return known.choice;
  };
}
