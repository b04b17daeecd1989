/** The requests that a clerk may send for an order as it is, drawn at random, and the events that they make. */
import type { Json } from '../journeys/shop-client.ts';

/** Path, name in the timeline and body of each step that the order allows. */
export function stepsFor(order: Json, random: () => number): readonly (readonly [string, string, Json])[] {
  if (order.status === 'cancelled' || order.status === 'returned') return [];
  const shipments: readonly Json[] = order.shipments ?? [];
  const shipped = unitsIn(shipments);
  const returned = unitsIn(order.returns ?? []);
  const left = (line: Json) => line.quantity - (shipped.get(line.sku) ?? 0);
  const back = (line: Json) => (shipped.get(line.sku) ?? 0) - (returned.get(line.sku) ?? 0);
  const some = (unitsOf: (line: Json) => number) => {
    const lines = order.lines.filter((line: Json) => unitsOf(line) > 0);
    const { sku } = lines[Math.floor(random() * lines.length)];
    const most = unitsOf(lines.find((line: Json) => line.sku === sku));
    return [{ sku, quantity: 1 + Math.floor(random() * most) }];
  };
  const steps: (readonly [string, string, Json])[] = [];
  if (order.status === 'placed') steps.push(['pack', 'packed', {}], ['pack', 'packed', {}]);
  if (order.status === 'placed' || order.status === 'packed') steps.push(['cancel', 'cancelled', {}]);
  if (
    order.status === 'packed' ||
    (order.status === 'shipped' && order.lines.some((line: Json) => left(line) > 0))
  ) {
    const body = { carrier: 'Fleet', lines: some(left) };
    steps.push(
      ['shipments', eventName('shipped', body), body],
      ['shipments', eventName('shipped', body), body],
    );
  }
  for (const { number, delivered_at } of shipments)
    if (delivered_at === null) steps.push([`shipments/${number}/deliver`, `delivered ${number}`, {}]);
  if (shipments.length > 0 && order.lines.some((line: Json) => back(line) > 0)) {
    const body = { lines: some(back), restock: random() < 0.5 };
    steps.push(['returns', eventName('returned', body), body]);
  }
  return steps;
}

function unitsIn(parts: readonly Json[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { lines } of parts)
    for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** With its units, so that one event is not taken for another of its type. */
export function eventName(type: string, data: Json): string {
  const lines = (data?.lines ?? []).map(({ sku, quantity }: Json) => `${quantity} ${sku}`).join(', ');
  if (type === 'shipped') return `shipped ${lines}`;
  if (type === 'returned') return `returned ${lines}${data.restock ? ', restocked' : ''}`;
  return type === 'delivered' ? `delivered ${data.shipment}` : type;
}
