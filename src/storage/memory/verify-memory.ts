/** Recounts what the reference model holds. It stores nothing twice, so this checks the decisions themselves. */
import { orderNumberFirst } from '../../domain/order.ts';
import type { Finding, VerifyReport } from '../order-store.ts';
import type { MemoryContents } from './memory-contents.ts';

const findingsPerCheckMax = 100;

export function verifyMemory(contents: MemoryContents): VerifyReport {
  const reports = [checkTotals, checkNumbers, checkIdsAndKeys, checkLog, checkStock].map((check) =>
    check(contents),
  );
  return {
    checks: reports.map(({ name, examined }) => ({ name, examined })),
    findings: reports.flatMap(({ findings }) => findings.slice(0, findingsPerCheckMax)),
  };
}

interface CheckReport {
  readonly name: string;
  readonly examined: number;
  readonly findings: readonly Finding[];
}

/** Compares expected with found, subject by subject. */
function checkReport(
  name: string,
  compared: readonly { readonly subject: string; readonly expected: unknown; readonly found: unknown }[],
): CheckReport {
  const findings = compared
    .filter(({ expected, found }) => expected !== found)
    .map(({ subject, expected, found }) => ({
      check: name,
      subject,
      expected: String(expected),
      found: String(found),
    }));
  return { name, examined: compared.length, findings };
}

function checkTotals({ orders }: MemoryContents): CheckReport {
  return checkReport(
    'totals',
    orders.map(({ order: { number, lines, totalCents } }) => ({
      subject: `order ${number}`,
      expected: lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0),
      found: totalCents,
    })),
  );
}

function checkNumbers({ orders }: MemoryContents): CheckReport {
  return checkReport(
    'order numbers',
    orders.map(({ order }, index) => ({
      subject: `order ${order.orderId}`,
      expected: orderNumberFirst + index,
      found: order.number,
    })),
  );
}

/** No id and no key has made two orders. */
function checkIdsAndKeys({ orders }: MemoryContents): CheckReport {
  const subjects = orders.flatMap(({ order, idempotency }) => [
    `order id ${order.orderId}`,
    ...(idempotency === null ? [] : [`key ${idempotency.scope} ${idempotency.key}`]),
  ]);
  return checkReport(
    'ids and keys',
    subjects.map((subject) => ({
      subject,
      expected: 1,
      found: subjects.filter((other) => other === subject).length,
    })),
  );
}

/** Each order is in the log once, at its own position. */
function checkLog({ orders, log }: MemoryContents): CheckReport {
  const length = Math.max(orders.length, log.length);
  return checkReport(
    'order log',
    Array.from({ length }, (_, index) => {
      const order = orders[index]?.order;
      const entry = log[index];
      return {
        subject: `position ${index + 1}`,
        expected: `${index + 1} ${order?.number} ${order?.orderId} ${order?.placedAtMs}`,
        found: `${entry?.position} ${entry?.orderNumber} ${entry?.orderId} ${entry?.atMs}`,
      };
    }),
  );
}

/** Nothing was sold that was not received. */
function checkStock({ products, receipts, orders }: MemoryContents): CheckReport {
  return checkReport(
    'stock',
    products.map(({ sku }) => {
      const received = receipts.reduce((sum, each) => (each.sku === sku ? sum + each.units : sum), 0);
      const sold = orders
        .flatMap(({ order }) => order.lines)
        .reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0);
      return { subject: sku, expected: Math.max(received - sold, 0), found: received - sold };
    }),
  );
}
