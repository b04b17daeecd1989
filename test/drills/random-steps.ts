/** Random steps of orders: most are such as the order allows, some ask for more than there is. */
import type { Order } from '../../src/domain/order.ts';
import { allowedSteps, unitsToShip, unitsWithCustomer } from '../../src/domain/order-lifecycle.ts';
import type { Step } from '../../src/domain/order-step.ts';
import type { RequestedLine } from '../../src/domain/submission.ts';
import { aParcel } from '../builders.ts';
import type { Draws } from './draws.ts';

/** @param skus of any products */
export function drawStep(draws: Draws, order: Order | undefined, skus: readonly string[]): Step {
  const { below, isOneIn, oneOf } = draws;
  if (isOneIn(40)) return { name: 'erase' };
  const allowed = order === undefined || isOneIn(4) ? [] : allowedSteps(order);
  const name =
    allowed.length > 0 ? oneOf(allowed) : oneOf(['pack', 'ship', 'deliver', 'cancel', 'return'] as const);
  const reason = isOneIn(2) ? 'too late' : null;
  const partOf = (lines: readonly RequestedLine[] | undefined) => drawPart(draws, lines ?? [], skus);
  switch (name) {
    case 'pack':
      return { name };
    case 'cancel':
      return { name, reason };
    case 'ship':
      return { name, ...aParcel, lines: isOneIn(2) ? null : partOf(order && unitsToShip(order)) };
    case 'deliver':
      return { name, shipment: 1 + below((order?.shipments.length ?? 0) + 1) };
    case 'return':
      return { name, lines: partOf(order && unitsWithCustomer(order)), restock: isOneIn(2), reason };
  }
}

/** Now and then more than there is, or of a product that is not in it. */
function drawPart(
  draws: Draws,
  lines: readonly RequestedLine[],
  skus: readonly string[],
): readonly RequestedLine[] {
  const { below, isOneIn, oneOf } = draws;
  if (lines.length === 0 || isOneIn(10)) return drawLines(draws, skus);
  if (isOneIn(3)) return lines;
  const { sku, quantity } = oneOf(lines);
  return [{ sku, quantity: 1 + below(quantity) }];
}

export function drawLines({ below, oneOf }: Draws, skus: readonly string[]): readonly RequestedLine[] {
  const lines = new Map<string, number>();
  for (let i = 1 + below(3); i > 0; i -= 1) lines.set(oneOf(skus), 1 + below(4));
  return Array.from(lines, ([sku, quantity]) => ({ sku, quantity }));
}
