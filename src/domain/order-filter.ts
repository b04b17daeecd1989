/**
 * Which orders a list holds. An engine decides most of a filter in SQL; the text of a question is compared by
 * {@link isCustomerAskedFor} on every engine, so that all find the same.
 */
import { isSameEmail } from './email-address.ts';
import { type Order, orderNumberFirst } from './order.ts';
import type { OrderStatus } from './order-lifecycle.ts';
import type { UsState } from './us-state.ts';

/** Each part is null when it is not asked for. */
export interface OrderFilter {
  readonly number: number | null;
  readonly status: OrderStatus | null;
  readonly state: UsState | null;
  /** As it is stored. Five digits find ZIP+4 codes that begin so, too. */
  readonly zipCode: string | null;
  /** One of its lines has this SKU. */
  readonly sku: string | null;
  /** Placed then or later, in milliseconds since the Unix epoch. */
  readonly placedFromMs: number | null;
  /** Placed before this moment. */
  readonly placedToMs: number | null;
  /** Of its customer, compared by `isSameEmail`. */
  readonly email: string | null;
  /** As {@link askedTexts} gives them; none finds all. */
  readonly texts: readonly string[];
}

/** Finds every order. */
export const everyOrder: OrderFilter = {
  number: null,
  status: null,
  state: null,
  zipCode: null,
  sku: null,
  placedFromMs: null,
  placedToMs: null,
  email: null,
  texts: [],
};

/**
 * Orders that one call of `listOrders` looks at, at most. On SQLite it runs on the thread that serves requests: some
 * milliseconds.
 */
export const ordersWalkedMax = 5_000;

/** The same with texts or an email, which the program itself compares, or a SKU, which is looked up in the lines. */
export const costlyWalkedMax = 1_000;

/** The words of a question that count, from its first on. */
const textsMax = 8;

const isAscii = /^\p{ASCII}*$/u;
const markRuns = /\p{M}+/gu;

/** Capitals, accents and forms of the same letter (Unicode NFKD) make no difference. */
function fold(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(markRuns, '')
    .toLowerCase()
    .replace(markRuns, '')
    .replaceAll('ς', 'σ');
}

/** The words of a question, as they are compared: between blanks, without doubles, at most 8. */
export function askedTexts(question: string): readonly string[] {
  const words = fold(question)
    .split(/\s+/u)
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, textsMax);
}

/** Whether the program itself has to look at name, street and email. */
export function asksForCustomer({ texts, email }: OrderFilter): boolean {
  return texts.length > 0 || email !== null;
}

/** Whether the email is the one that is asked for, and name, street or email hold each text. */
export function isCustomerAskedFor(
  customer: Pick<Order, 'customerName' | 'streetAddress' | 'email'>,
  { texts, email }: OrderFilter,
): boolean {
  if (email !== null && (customer.email === null || !isSameEmail(customer.email, email))) return false;
  return texts.length === 0 || hasTexts(customer, texts);
}

function hasTexts(
  { customerName, streetAddress, email }: Pick<Order, 'customerName' | 'streetAddress' | 'email'>,
  texts: readonly string[],
): boolean {
  // Texts have no line break, so that none reaches from one field into the next.
  const own = fold(`${customerName}\n${streetAddress}\n${email ?? ''}`);
  return texts.every((text) => own.includes(text));
}

/** The first and the last ZIP code that a filter finds, by code point. */
export function zipCodeRange(zipCode: string): readonly [first: string, last: string] {
  return [zipCode, `${zipCode}-9999`];
}

/** Whether an order, as it is now, is one that is asked for. */
export function isAskedFor(order: Order, filter: OrderFilter): boolean {
  const { number, status, state, zipCode, sku, placedFromMs, placedToMs } = filter;
  return (
    (number === null || order.number === number) &&
    (status === null || order.status === status) &&
    (state === null || order.state === state) &&
    (zipCode === null || order.zipCode === zipCode || order.zipCode.startsWith(`${zipCode}-`)) &&
    (sku === null || order.lines.some((line) => line.sku === sku)) &&
    (placedFromMs === null || order.placedAtMs >= placedFromMs) &&
    (placedToMs === null || order.placedAtMs < placedToMs) &&
    isCustomerAskedFor(order, filter)
  );
}

/**
 * The status of a filter whose orders an index holds: all but `placed`, so that placing an order costs nothing for it.
 * @returns null when the filter is walked along all numbers
 */
export function indexedStatus({ status, number }: OrderFilter): Exclude<OrderStatus, 'placed'> | null {
  return status === 'placed' || number !== null ? null : status;
}

/** How many orders one call of `listOrders` looks at, at most. */
export function walkedMaxOf(filter: OrderFilter): number {
  return asksForCustomer(filter) || filter.sku !== null ? costlyWalkedMax : ordersWalkedMax;
}

/** The numbers that one call looks at: from `lowest` to less than `before`. */
export interface WalkedNumbers {
  readonly before: number;
  readonly lowest: number;
}

/** Where a walk begins. With {@link indexedStatus} both are numbers of orders that have this status. */
export interface WalkStart {
  /** The highest number of an order below where the walk begins; null when there is none. */
  readonly top: number | null;
  /** The number of the {@link walkedMaxOf}th order from there on; null when there are fewer, or the status is not indexed. */
  readonly lowest: number | null;
}

/** @returns null when there is nothing to look at */
export function walkFrom({ top, lowest }: WalkStart, filter: OrderFilter): WalkedNumbers | null {
  const { number } = filter;
  if (top === null) return null;
  if (number !== null) return number > top ? null : { before: number + 1, lowest: number };
  if (indexedStatus(filter) !== null) return { before: top + 1, lowest: lowest ?? orderNumberFirst };
  return { before: top + 1, lowest: Math.max(orderNumberFirst, top + 1 - walkedMaxOf(filter)) };
}

/**
 * Where the list goes on: below the last order of a full page, else below the numbers that were looked at; null at its end.
 * @param isFull whether more orders were found than the page holds
 */
export function nextNumber(
  last: number | undefined,
  isFull: boolean,
  { lowest }: WalkedNumbers,
  { number }: OrderFilter,
): number | null {
  if (isFull && last !== undefined) return last;
  return number !== null || lowest <= orderNumberFirst ? null : lowest;
}
