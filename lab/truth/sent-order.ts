/** The content of a sent order, and whether an answer has the same: the shop's rules, written anew for the check. */

export interface SentOrder {
  readonly customerName: string;
  readonly streetAddress: string;
  readonly city: string | null;
  readonly state: string;
  readonly zipCode: string;
  readonly email: string | null;
  /** Units by SKU, lines with one SKU added up, in the order of their first appearance. */
  readonly lines: ReadonlyMap<string, number>;
}

interface OrderBody {
  readonly customer_name?: unknown;
  readonly street_address?: unknown;
  readonly city?: unknown;
  readonly state?: unknown;
  readonly zip_code?: unknown;
  readonly email?: unknown;
  readonly lines?: readonly { readonly sku?: unknown; readonly quantity?: unknown }[];
}

/** Null when it is no order that the API could have taken. */
export function readSentOrder(body: string): SentOrder | null {
  const sent = parseObject(body) as OrderBody | null;
  if (sent === null || !Array.isArray(sent.lines)) return null;
  const { customer_name: name, street_address: street, state, zip_code: zipCode } = sent;
  if (typeof name !== 'string' || typeof street !== 'string') return null;
  if (typeof state !== 'string' || typeof zipCode !== 'string') return null;
  const lines = new Map<string, number>();
  for (const line of sent.lines) {
    if (typeof line?.sku !== 'string' || typeof line.quantity !== 'number') return null;
    lines.set(line.sku, (lines.get(line.sku) ?? 0) + line.quantity);
  }
  return {
    customerName: normalized(name),
    streetAddress: normalized(street),
    city: typeof sent.city === 'string' ? normalized(sent.city) : null,
    state,
    zipCode,
    email: typeof sent.email === 'string' ? normalized(sent.email) : null,
    lines,
  };
}

function normalized(text: string): string {
  return text.normalize('NFC').trim();
}

interface OrderAnswer {
  readonly order_id?: unknown;
  readonly lines?: readonly {
    readonly sku?: unknown;
    readonly quantity?: unknown;
    readonly unit_price?: { readonly amount?: unknown };
    readonly line_total?: { readonly amount?: unknown };
  }[];
  readonly total?: { readonly amount?: unknown };
  readonly shipping?: Readonly<Record<string, unknown>>;
}

/**
 * The first thing in which an order differs from what was sent, or in itself, in words such as `customer_name
 * is "Ann", sent was "Ada"`; null when there is none. @param text the order's JSON with its personal data
 */
export function differenceFrom(sent: SentOrder, text: string, orderId: string): string | null {
  const order = parseObject(text) as OrderAnswer | null;
  if (order === null) return 'it is not JSON';
  if (order.order_id !== orderId) return `order_id is ${quoted(order.order_id)}, asked for was "${orderId}"`;
  const shipping = order.shipping ?? {};
  const fields = [
    ['customer_name', sent.customerName],
    ['street_address', sent.streetAddress],
    ['city', sent.city],
    ['state', sent.state],
    ['zip_code', sent.zipCode],
    ['email', sent.email],
  ] as const;
  for (const [name, expected] of fields) {
    const found = shipping[name] ?? null;
    if (found !== expected) return `${name} is ${quoted(found)}, sent was ${quoted(expected)}`;
  }
  return differenceOfLines(sent.lines, order);
}

function differenceOfLines(sent: SentOrder['lines'], order: OrderAnswer): string | null {
  const lines = Array.isArray(order.lines) ? order.lines : [];
  const found = lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  const expected = Array.from(sent, ([sku, quantity]) => `${quantity} × ${sku}`).join(', ');
  if (found !== expected) return `lines are ${found || 'none'}, sent was ${expected}`;
  let total = 0;
  for (const { sku, quantity, unit_price: price, line_total: lineTotal } of lines) {
    const amount = Number(quantity) * Number(price?.amount);
    if (lineTotal?.amount !== amount) return `${sku} comes to ${quoted(lineTotal?.amount)}, not to ${amount}`;
    total += amount;
  }
  return order.total?.amount === total ? null : `the total is ${quoted(order.total?.amount)}, not ${total}`;
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function quoted(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
