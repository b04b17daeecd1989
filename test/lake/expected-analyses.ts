/** The analyses of docs/analyses as they must come out, counted in plain loops from what the shop's API says. */
import type { Json } from '../journeys/shop-client.ts';
import type { SoldShop } from './sold-shop.ts';

type Row = readonly (string | number | null)[];

const isKept = ({ status }: Json) => status !== 'cancelled';

/** Units of each line that came back. @param restocked only those that were put on hand again */
function unitsBack({ returns = [] }: Json, sku: string, restocked = false): number {
  let units = 0;
  for (const { lines, restock } of returns)
    for (const line of lines) if (line.sku === sku && (restock || !restocked)) units += line.quantity;
  return units;
}

const dayOf = ({ placed_at }: Json): string => placed_at.slice(0, 10);

/** The Monday of the order's week. */
function weekOf(order: Json): string {
  const day = new Date(`${dayOf(order)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string) {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** By state and week. The rows of all time are compared with the API and the page instead. */
export function topProducts({ orders, products }: SoldShop): readonly Row[] {
  const rows: Row[] = [];
  for (const [group, members] of groupBy(
    orders.filter(isKept),
    (order) => `${order.shipping.state} ${weekOf(order)}`,
  )) {
    const [state = '', week = ''] = group.split(' ');
    const ranked = products
      .map(({ sku, name }) => {
        const units = members.map((order) => {
          const line = order.lines.find((one: Json) => one.sku === sku);
          return line === undefined ? 0 : line.quantity - unitsBack(order, sku);
        });
        return { sku, name, orders: units.filter(Boolean).length, units: units.reduce((a, b) => a + b, 0) };
      })
      .filter((product) => product.orders > 0)
      .sort((a, b) => b.orders - a.orders || b.units - a.units || compare(a.name, b.name));
    for (const [index, { sku, name, orders: count, units }] of ranked.slice(0, 3).entries())
      rows.push([state, week, index + 1, sku, name, count, units]);
  }
  return rows.sort((a, b) => compare(`${a[0]}`, `${b[0]}`) || compare(`${b[1]}`, `${a[1]}`));
}

export function baskets({ orders }: SoldShop): readonly Row[] {
  const kept = orders.filter(isKept);
  const has = (order: Json, sku: string) => order.lines.some((line: Json) => line.sku === sku);
  const skus = [...new Set<string>(kept.flatMap(({ lines }) => lines.map(({ sku }: Json) => sku)))].sort(
    compare,
  );
  const rows: (string | number)[][] = [];
  for (const sku of skus) {
    for (const other of skus) {
      if (!(sku < other)) continue;
      const [ofSku, ofOther, together] = [
        kept.filter((order) => has(order, sku)).length,
        kept.filter((order) => has(order, other)).length,
        kept.filter((order) => has(order, sku) && has(order, other)).length,
      ];
      const lift = Math.round((together * kept.length * 100) / ofSku / ofOther) / 100;
      if (together > 0) rows.push([sku, other, together, ofSku, ofOther, lift]);
    }
  }
  return rows.sort((a, b) => Number(b[2]) - Number(a[2]) || compare(`${a[0]} ${a[1]}`, `${b[0]} ${b[1]}`));
}

export function repeatZipCodes({ orders }: SoldShop): readonly Row[] {
  const rows: (string | number)[][] = [];
  const groups = groupBy(orders.filter(isKept), ({ shipping }) => `${shipping.state} ${shipping.zip_code}`);
  for (const [group, members] of groups) {
    if (members.length < 2) continue;
    const days = [...new Set(members.map(dayOf))].sort(compare);
    const cents = members.reduce((sum, { total }) => sum + total.amount, 0);
    rows.push([...group.split(' '), members.length, days.length, days[0] ?? '', days.at(-1) ?? '', cents]);
  }
  return rows.sort((a, b) => Number(b[2]) - Number(a[2]) || Number(b[6]) - Number(a[6]));
}

/** On hand is what the shop says, and not what the movements add up to. */
export function stockCover({ orders, products }: SoldShop): readonly Row[] {
  const days = [...new Set(orders.map(dayOf))].sort(compare);
  const firstMs = Date.parse(`${days.at(-1)}T00:00:00Z`) - 27 * 86_400_000;
  const isRecent = (day: string) => Date.parse(`${day}T00:00:00Z`) >= firstMs;
  const recentDays = days.filter(isRecent).length;
  const rows = products.map(({ sku, name, num_in_stock }) => {
    let units = 0;
    for (const order of orders.filter((one) => isKept(one) && isRecent(dayOf(one)))) {
      const line = order.lines.find((one: Json) => one.sku === sku);
      if (line !== undefined) units += line.quantity - unitsBack(order, sku, true);
    }
    const left = units === 0 ? null : Math.round((num_in_stock * recentDays * 10) / units) / 10;
    return [sku, name, num_in_stock, units, recentDays, left];
  });
  const last = Number.POSITIVE_INFINITY;
  return rows.sort(
    (a, b) => (a[5] ?? last) - (b[5] ?? last) || a[2] - b[2] || compare(String(a[0]), String(b[0])),
  );
}

export function revenueByHour({ orders }: SoldShop): readonly Row[] {
  const rows: Row[] = [];
  for (const [hour, members] of groupBy(orders, ({ placed_at }) => placed_at.slice(0, 13))) {
    let [units, ordered, cancelled, returned] = [0, 0, 0, 0];
    for (const order of members) {
      ordered += order.total.amount;
      if (!isKept(order)) cancelled += order.total.amount;
      for (const { sku, quantity, unit_price } of order.lines) {
        units += quantity;
        returned += unitsBack(order, sku) * unit_price.amount;
      }
    }
    const revenue = ordered - cancelled - returned;
    rows.push([
      hour.slice(0, 10),
      Number(hour.slice(11)),
      members.length,
      units,
      ordered,
      cancelled,
      returned,
      revenue,
    ]);
  }
  return rows.sort((a, b) => compare(`${a[0]}`, `${b[0]}`) || Number(a[1]) - Number(b[1]));
}
