/** Why a movement of stock can't be made, for people: the mistake and the remedy. */
import type { CatalogProblem } from './decide-catalog.ts';
import { onHandMax } from './product.ts';
import type { StockMovement } from './stock-movement.ts';

export function movementWords(
  problem: CatalogProblem,
  { sku, units, reason, reference }: StockMovement,
): string {
  switch (problem.code) {
    case 'stale':
      return `The product ${sku} has changed meanwhile: try again.`;
    case 'unknown_product':
      return `There is no product ${sku}: please check its SKU.`;
    case 'reference_required':
      return `The product ${sku} exists: please give the movement a reference.`;
    case 'below_zero':
      return `There are ${problem.onHand} of ${sku} on hand: ${-units} can't be taken away.`;
    case 'above_max':
      return `There are ${problem.onHand} of ${sku} on hand: with ${units} more there would be over ${onHandMax}.`;
    case 'reference_reused':
      return `The reference "${reference}" has another movement of ${sku} (${problem.earlier.reason}, ${problem.earlier.units} units), and now asks for ${reason}, ${units} units: use a new reference for another movement.`;
    case 'zero':
      return 'A movement of 0 units changes nothing: please give the units that came in or went.';
    case 'not_whole':
      return 'Units are counted: please give a whole number.';
    case 'too_many':
      return `A movement has at most ${onHandMax} units.`;
    case 'must_be_more':
      return `A ${reason} adds units: please give a number above 0.`;
    case 'must_be_fewer':
      return `A ${reason} takes units away: please give a number below 0.`;
  }
}
