/**
 * Recounts what the reference model holds. Its answers come from the orders alone, so that this checks the decisions
 * and the write sets themselves.
 */
import { createHash } from 'node:crypto';
import { orderNumberFirst } from '../../domain/order.ts';
import { hashInImagePath } from '../../domain/product-image.ts';
import { productWords } from '../../domain/product-search.ts';
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

const checks: Readonly<Record<CheckName, Check>> = {
  /** All that is stored is frozen, so that no caller can change it. */
  storage: ({ products, movements, images, orders, log }) =>
    Object.entries({ products, movements, images, orders, log }).flatMap(([name, stored]) =>
      stored.map((entry, index) => ({
        subject: `${name} ${index}`,
        expected: true,
        found: Object.isFrozen(entry),
      })),
    ),

  products: ({ products, movements, orders }) => {
    const skus = new Set(products.map(({ sku }) => sku));
    const named = [...movements, ...orders.flatMap(({ order }) => order.lines)];
    return named.map(({ sku }) => ({ subject: sku, expected: true, found: skus.has(sku) }));
  },

  totals: ({ orders }) =>
    orders.map(({ order: { number, lines, totalCents } }) => ({
      subject: `order ${number}`,
      expected: lines.length > 0 ? sum(lines, ({ lineTotalCents }) => lineTotalCents) : 'at least one line',
      found: totalCents,
    })),

  /** Lines stand in their order. */
  lines: ({ orders }) =>
    orders.flatMap(({ order: { number, lines } }) =>
      lines.map(({ quantity, unitPriceCents, lineTotalCents }, index) => ({
        subject: `order ${number} line ${index}`,
        expected: quantity * unitPriceCents,
        found: lineTotalCents,
      })),
    ),

  linesOnce: ({ orders }) =>
    orders.map(({ order: { number, lines } }) => ({
      subject: `order ${number}`,
      expected: new Set(lines.map(({ sku }) => sku)).size,
      found: lines.length,
    })),

  numbers: ({ orders }) =>
    orders.map(({ order }, index) => ({
      subject: `order ${order.orderId}`,
      expected: orderNumberFirst + index,
      found: order.number,
    })),

  stock: ({ products, movements, orders, stock }) =>
    products.map(({ sku }) => {
      const moved = sum(movements, (one) => (one.sku === sku ? one.units : 0));
      const sold = sum(
        orders.flatMap(({ order }) => order.lines),
        (line) => (line.sku === sku ? line.quantity : 0),
      );
      return { subject: sku, expected: Math.max(moved - sold, 0), found: stock.get(sku) };
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

  counters: ({ orders, counters }) => {
    const recount = new Map<string, { orders: number; units: number }>();
    for (const { order } of orders) {
      for (const { sku, quantity } of order.lines) {
        const key = `${order.state} ${sku}`;
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
    orders.map(({ order: { number, orderId, placedAtMs } }) => ({
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
    const ids = new Set(orders.map(({ order }) => order.orderId));
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

  /** A key is kept with its order, which therefore has one at most. */
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
      ];
    }),
    { subject: 'audit head', expected: auditHead.hash, found: audit.at(-1)?.hash ?? emptyAuditHash },
    { subject: 'audit head', expected: auditHead.position, found: audit.at(-1)?.position ?? 0 },
  ],

  keys: ({ orders }) => {
    const keys = orders.flatMap(({ idempotency }) =>
      idempotency === null ? [] : [`${idempotency.scope} ${idempotency.key}`],
    );
    return keys.map((key) => ({
      subject: `key ${key}`,
      expected: 1,
      found: keys.filter((other) => other === key).length,
    }));
  },
};

function sum<One>(list: readonly One[], unitsOf: (one: One) => number): number {
  return list.reduce((total, one) => total + unitsOf(one), 0);
}
