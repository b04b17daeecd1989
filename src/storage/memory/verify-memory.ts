/**
 * Recounts what the reference model holds. Its answers come from the orders alone, so that this checks the decisions
 * and the write sets themselves.
 */
import { createHash } from 'node:crypto';
import type { EventOfOrder } from '../../domain/decide-batch.ts';
import { asPlaced, type Order, orderNumberFirst } from '../../domain/order.ts';
import { looksErased, orderAt } from '../../domain/order-event.ts';
import { unitsKept } from '../../domain/order-lifecycle.ts';
import type { StoredProduct } from '../../domain/product.ts';
import { hashInImagePath } from '../../domain/product-image.ts';
import { productWords } from '../../domain/product-search.ts';
import type { RequestedLine } from '../../domain/submission.ts';
import { auditHash, digestOfAddress, emptyAuditHash } from '../audit-log.ts';
import {
  type CheckName,
  checkNames,
  findingsPerCheckMax,
  type OnCheck,
  type VerifyReport,
} from '../verify-checks.ts';
import type { MemoryContents } from './memory-contents.ts';

export function verifyMemory(contents: MemoryContents, onCheck: OnCheck = () => undefined): VerifyReport {
  const reports = checkNames.map((check, index) => {
    onCheck(check, index + 1, checkNames.length);
    const compared = checks[check](contents);
    const findings = compared
      .filter(({ expected, found }) => expected !== found)
      .map(({ subject, expected, found }) => ({
        check,
        subject,
        expected: String(expected),
        found: String(found),
      }));
    return { name: check, examined: compared.length, findings: findings.slice(0, findingsPerCheckMax) };
  });
  return {
    checks: reports.map(({ name, examined }) => ({ name, examined })),
    findings: reports.flatMap(({ findings }) => findings),
  };
}

interface Comparison {
  readonly subject: string;
  readonly expected: unknown;
  readonly found: unknown;
}

type Check = (contents: MemoryContents) => readonly Comparison[];

/** A random UUID. */
const isShopId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const checks: Readonly<Record<CheckName, Check>> = {
  /** All that is stored is frozen, so that no caller can change it. */
  storage: ({ products, movements, images, orders, events, keys, log }) =>
    Object.entries({ products, movements, images, orders, events, keys, log }).flatMap(([name, stored]) =>
      stored.map((entry, index) => ({
        subject: `${name} ${index}`,
        expected: true,
        found: Object.isFrozen(entry),
      })),
    ),

  products: ({ products, movements, orders }) => {
    const skus = new Set(products.map(({ sku }) => sku));
    const named = [...movements, ...orders.flatMap(({ lines }) => lines)];
    return named.map(({ sku }) => ({ subject: sku, expected: true, found: skus.has(sku) }));
  },

  totals: ({ orders }) =>
    orders.map(({ number, lines, totalCents }) => ({
      subject: `order ${number}`,
      expected: lines.length > 0 ? sum(lines, ({ lineTotalCents }) => lineTotalCents) : 'at least one line',
      found: totalCents,
    })),

  /** Lines stand in their order. */
  lines: ({ orders }) =>
    orders.flatMap(({ number, lines }) =>
      lines.map(({ quantity, unitPriceCents, lineTotalCents }, index) => ({
        subject: `order ${number} line ${index}`,
        expected: quantity * unitPriceCents,
        found: lineTotalCents,
      })),
    ),

  linesOnce: ({ orders }) =>
    orders.map(({ number, lines }) => ({
      subject: `order ${number}`,
      expected: new Set(lines.map(({ sku }) => sku)).size,
      found: lines.length,
    })),

  numbers: ({ orders }) =>
    orders.map((order, index) => ({
      subject: `order ${order.orderId}`,
      expected: orderNumberFirst + index,
      found: order.number,
    })),

  stock: ({ products, movements, orders, events, stock }) =>
    products.map(({ sku }) => {
      const moved = sum(movements, (one) => (one.sku === sku ? one.units : 0));
      const sold = sum(
        orders.flatMap(({ lines }) => lines),
        (line) => (line.sku === sku ? line.quantity : 0),
      );
      const putBack = sum(
        events.flatMap((event) => putBackBy(event, orders)),
        (line) => (line.sku === sku ? line.quantity : 0),
      );
      return { subject: sku, expected: Math.max(moved - sold + putBack, 0), found: stock.get(sku) };
    }),

  images: ({ products, images }) => [
    ...images.map(({ hash, bytes }) => ({
      subject: `picture ${hash}`,
      expected: hash,
      found: createHash('sha256').update(bytes).digest('hex'),
    })),
    ...products.flatMap(({ sku, imageUrl }) => {
      const hash = hashInImagePath(imageUrl);
      const found = images.some((image) => image.hash === hash) ? imageUrl : 'no such picture';
      return hash === null ? [] : [{ subject: `picture of ${sku}`, expected: imageUrl, found }];
    }),
  ],

  counters: (contents) => {
    const { orders, counters } = contents;
    const recount = new Map<string, { orders: number; units: number }>();
    for (const { orderId, state } of orders) {
      for (const { sku, quantity } of unitsKept(orderNow(contents, orderId))) {
        const key = `${state} ${sku}`;
        const counted = recount.get(key) ?? { orders: 0, units: 0 };
        recount.set(key, { orders: counted.orders + 1, units: counted.units + quantity });
      }
    }
    const words = (counted?: { readonly orders: number; readonly units: number }) =>
      `${counted?.orders ?? 0} orders, ${counted?.units ?? 0} units`;
    const kept = new Map(counters.map((counter) => [`${counter.state} ${counter.sku}`, counter]));
    return [...new Set([...recount.keys(), ...kept.keys()])].map((key) => ({
      subject: key,
      expected: words(recount.get(key)),
      found: words(kept.get(key)),
    }));
  },

  ranking: ({ products, counters }) =>
    counters.map(({ state, sku, name }) => ({
      subject: `${state} ${sku}`,
      expected: products.find((product) => product.sku === sku)?.name,
      found: name,
    })),

  log: ({ orders, log }) =>
    orders.map(({ number, orderId, placedAtMs }) => ({
      subject: `order ${number}`,
      expected: 1,
      found: log.filter(
        (entry) =>
          entry.type === 'order_placed' &&
          entry.orderId === orderId &&
          entry.orderNumber === number &&
          entry.atMs === placedAtMs,
      ).length,
    })),

  positions: ({ orders, log }) => {
    const ids = new Set(orders.map(({ orderId }) => orderId));
    return log.map(({ position, orderId }, index) => ({
      subject: `position ${position}`,
      expected: `${index + 1} of an order`,
      found: `${position} of ${ids.has(orderId) ? 'an order' : 'none'}`,
    }));
  },

  words: ({ products, words }) =>
    products.map((product) => ({
      subject: product.sku,
      expected: product.active ? productWords(product).join(' ') : '',
      found: words.get(product.sku)?.join(' '),
    })),

  changes: ({ products, productChanges }) => {
    const newest = new Map<string, StoredProduct>();
    const entries = productChanges.flatMap(({ position, product }, index) => {
      const isLater = product.revision > (newest.get(product.sku)?.revision ?? 0);
      newest.set(product.sku, product);
      return [
        { subject: product.sku, expected: index + 1, found: position },
        { subject: `${product.sku} at position ${position}`, expected: true, found: isLater },
      ];
    });
    const kept = products.map((product) => ({
      subject: product.sku,
      expected: JSON.stringify(product),
      found: JSON.stringify(newest.get(product.sku)),
    }));
    return [...entries, ...kept];
  },

  shopId: ({ shopId }) => [{ subject: 'shop id', expected: true, found: isShopId.test(shopId) }],

  audit: ({ audit, auditHead }) => [
    ...audit.flatMap((row, index) => {
      const before = audit[index - 1]?.hash ?? emptyAuditHash;
      const { position, hash, address, addressSalt, addressDigest } = row;
      return [
        { subject: `entry ${position}`, expected: index + 1, found: position },
        { subject: `entry ${position}`, expected: auditHash(before, position, row), found: hash },
        {
          subject: `address of entry ${position}`,
          expected: addressDigest,
          found: address === null ? addressDigest : digestOfAddress(addressSalt ?? '', address),
        },
        { subject: `address of entry ${position}`, expected: address === null, found: addressSalt === null },
      ];
    }),
    { subject: 'audit head', expected: auditHead.hash, found: audit.at(-1)?.hash ?? emptyAuditHash },
    { subject: 'audit head', expected: auditHead.position, found: audit.at(-1)?.position ?? 0 },
  ],

  steps: (contents) =>
    contents.orders.map(({ orderId, number }) => {
      const { status, revision } = orderNow(contents, orderId);
      const kept = contents.changedOrders.find((changed) => changed.orderId === orderId) ?? asPlaced;
      return {
        subject: `order ${number}`,
        expected: `${status} at revision ${revision}`,
        found: `${kept.status} at revision ${kept.revision}`,
      };
    }),

  erased: ({ orders, events }) => {
    const ids = new Set(events.flatMap(({ type, orderId }) => (type === 'order_erased' ? [orderId] : [])));
    return orders.map((order) => ({
      subject: `order ${order.number}`,
      expected: 'erased, if it was',
      found: ids.has(order.orderId) && !looksErased(order) ? 'a person' : 'erased, if it was',
    }));
  },

  events: ({ events, log }) =>
    events.map(({ orderId, orderNumber, revision, type, atMs }) => ({
      subject: `order ${orderNumber} revision ${revision}`,
      expected: 1,
      found: log.filter(
        (entry) =>
          entry.orderId === orderId &&
          entry.revision === revision &&
          entry.type === type &&
          entry.atMs === atMs,
      ).length,
    })),

  keys: (contents) => {
    const made = contents.keys.map(({ orderId, revision }) => `${orderId} ${revision}`);
    return contents.keys.map(({ scope, key, orderId, revision }, index) => {
      const isThere =
        contents.orders.some((order) => order.orderId === orderId) &&
        revision <= orderNow(contents, orderId).revision;
      return {
        subject: `key ${scope} ${key}`,
        expected: 1,
        found: isThere ? made.filter((other) => other === made[index]).length : 0,
      };
    });
  },
};

function orderNow({ orders, events }: MemoryContents, orderId: string): Order {
  const placed = orders.find((order) => order.orderId === orderId);
  if (placed === undefined) throw new Error(`no order ${orderId}`);
  return orderAt({ placed, events: events.filter((event) => event.orderId === orderId) });
}

function putBackBy(event: EventOfOrder, orders: readonly Order[]): readonly RequestedLine[] {
  if (event.type === 'order_cancelled')
    return orders.find(({ orderId }) => orderId === event.orderId)?.lines ?? [];
  return event.type === 'order_returned' && event.data.restock ? event.data.lines : [];
}

function sum<One>(list: readonly One[], unitsOf: (one: One) => number): number {
  return list.reduce((total, one) => total + unitsOf(one), 0);
}
