/** What an import says to people. */
import {
  type CatalogProblem,
  changedFields,
  type ProductField,
  type ProductResult,
} from '../domain/decide-catalog.ts';
import { formatCents } from '../domain/money.ts';

/** @param stock of the line */
export function stockWords(problem: CatalogProblem, stock: number, reference: string): string {
  switch (problem.code) {
    case 'reference_reused':
      return `Under the reference "${reference}" ${problem.earlier.units} units of this product were moved before (${problem.earlier.reason}), and the line says ${stock}. Give the import another --reference if more have come in, or leave the stock empty.`;
    case 'reference_required':
      return `The product exists, and a list without a reference brings stock only for products that it adds: otherwise a corrected list would bring its stock again. If ${stock} units more have come in, give the import a reference (--reference, or ?reference=), such as the number of the delivery note. If not, leave the stock empty.`;
    case 'above_max':
      return `With ${stock} units more than the ${problem.onHand} on hand there would be too many. Correct the number.`;
    default:
      return `The stock can't be received (${problem.code}). Correct it.`;
  }
}

/** A change of one product in a line for people: `~ mug: price $1.00 → $2.00`. */
export function describeResult(result: ProductResult): string {
  const { product, before } = result;
  const { sku, name, priceCents, category } = product;
  if (before === null) return `+ ${sku}: ${name}, ${formatCents(priceCents)}`;
  const words: Readonly<Record<ProductField, string>> = {
    name: `name ${before.name} → ${name}`,
    price: `price ${formatCents(before.priceCents)} → ${formatCents(priceCents)}`,
    category: `category ${before.category} → ${category}`,
    description: 'description',
    image: 'picture',
    active: product.active ? 'brought back' : 'retired',
  };
  const changes = changedFields(result).map((field) => words[field]);
  return `~ ${sku}: ${changes.join(', ')}`;
}
