/** What an import says to people. */
import type { CatalogProblem, ProductResult } from '../domain/decide-catalog.ts';
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
export function describeResult({ effect, product, before }: ProductResult): string {
  const { sku, name, priceCents } = product;
  if (before === null || effect === 'added') return `+ ${sku}: ${name}, ${formatCents(priceCents)}`;
  const changes = [
    before.name === product.name ? [] : [`name ${before.name} → ${product.name}`],
    before.priceCents === priceCents
      ? []
      : [`price ${formatCents(before.priceCents)} → ${formatCents(priceCents)}`],
    before.category === product.category ? [] : [`category ${before.category} → ${product.category}`],
    before.description === product.description ? [] : ['description'],
    before.imageUrl === product.imageUrl ? [] : ['picture'],
    before.active === product.active ? [] : [product.active ? 'brought back' : 'retired'],
  ];
  return `~ ${sku}: ${changes.flat().join(', ')}`;
}
