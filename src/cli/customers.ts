/** `nozama customers`: erases persons from orders, and erases them again after a backup has brought them back. */
import { readFileSync } from 'node:fs';
import { normalizeCustomerText } from '../domain/customer-text.ts';
import { hasErasure } from '../domain/order-event.ts';
import { createCommitBatcher } from '../intake/commit-batcher.ts';
import {
  type EraseCustomerOptions,
  eraseCustomer,
  isErased,
  partOrdersMax,
} from '../intake/erase-customer.ts';
import { createOrderIds, orderIdPattern } from '../intake/order-ids.ts';
import { OperatorError } from '../program/operator-error.ts';
import { databaseAt } from '../storage/engines.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { auditOriginOfCommand } from './command-line-audit.ts';
import { grouped } from './figures.ts';
import { loadConfig } from './load-config.ts';

const usage = `Erases the personal data of customers: name, street, email, the end of a ZIP+4 code, reasons and tracking.

Usage: nozama customers erase --email EMAIL
       nozama customers erase --orders FILE
       nozama customers erased

  --email   erases every order with this email, in any case. - reads it from standard input, so that neither the
            history of the shell nor the list of processes has it
  --orders  erases the orders of a file, one order id a line, such as nozama customers erased has written; - reads
            standard input. Orders that are erased already, or are not in this shop, stay as they are

erased writes the ids of all erased orders. Write them to a file beside your backups after each erasure: a restored
backup has the persons of orders that were erased after it was taken, until --orders erases them again.

It can't be undone. A service may run meanwhile. When the command is stopped, run it again: it goes on.
docs/PRIVACY.md says what remains where.
Exit codes: 0 done, also when there was nothing to erase; 1 failed; 2 wrong arguments or configuration.
`;

/** Entries of the log that are read at a time. */
const logPageEntries = 10_000;

/** More than a file of ids can need, in bytes: the erased orders of a shop with ten millions. */
const idsBytesMax = 400_000_000;

class InputRefusedError extends OperatorError {
  override readonly name = 'InputRefusedError';
}

export const command: Command = {
  usage,
  options: { email: { type: 'string' }, orders: { type: 'string' } },
  positionals: ['erase or erased'],
  async run({ values, positionals: [action] }) {
    const work = workOf(action, values);
    const { databaseUrl, engineSettings } = loadConfig();
    const store = await databaseAt(databaseUrl, engineSettings).open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  },
};

type Work = (store: OrderStore) => Promise<number>;

/** @throws UsageError */
function workOf(action: string | undefined, { email, orders }: CommandArguments['values']): Work {
  if (action === 'erased') {
    if (email !== undefined || orders !== undefined)
      throw new UsageError('nozama customers erased takes no options.');
    return listErased;
  }
  if (action !== 'erase') throw new UsageError('nozama customers needs erase or erased.');
  if (typeof email === 'string' && orders === undefined) {
    const wanted = emailIn(email === '-' ? readText('-') : email);
    return (store) => eraseByEmail(store, wanted);
  }
  if (typeof orders === 'string' && email === undefined) {
    const ids = idsIn(readText(orders));
    return (store) => eraseOrders(store, ids);
  }
  throw new UsageError('nozama customers erase needs either --email EMAIL or --orders FILE.');
}

/** @param path - for standard input */
function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw new InputRefusedError(
      `${path === '-' ? 'Standard input' : path} can't be read: ${(error as Error).message}`,
    );
  }
  if (bytes.length > idsBytesMax)
    throw new InputRefusedError(`There are more than ${grouped(idsBytesMax)} bytes: give it in parts.`);
  return bytes.toString('utf8');
}

function emailIn(given: string): string {
  const email = normalizeCustomerText(given);
  if (!email.includes('@'))
    throw new UsageError('--email must be an email address, such as ada@example.com.');
  return email;
}

function idsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const id = line.trim().toLowerCase();
    if (id === '') return [];
    if (!orderIdPattern.test(id))
      throw new UsageError(`Line ${index + 1} of --orders must be the id of an order: a UUID of version 7.`);
    return [id];
  });
}

/** Each step is audited as one of the command line. */
function stepsOf(store: OrderStore, by: string): EraseCustomerOptions['takeStep'] {
  const { actor, detail, ...origin } = auditOriginOfCommand();
  const batcher = createCommitBatcher({
    store,
    queueDepthMax: partOrdersMax,
    batchSizeMax: partOrdersMax,
    onCommit: () => undefined,
  });
  const newEventId = createOrderIds(Date.now);
  return (asked) =>
    batcher.submitStep({
      ...asked,
      eventId: newEventId(),
      atMs: Date.now(),
      actor,
      origin: { ...origin, detail: { ...detail, by } },
      grant: null,
      idempotency: null,
    });
}

async function eraseByEmail(store: OrderStore, email: string): Promise<number> {
  const takeStep = stepsOf(store, 'email');
  const looksMax = Number.POSITIVE_INFINITY;
  const { orders } = await eraseCustomer({ store, takeStep, looksMax }, { email, beforeNumber: null });
  process.stdout.write(
    orders === 0
      ? 'No order has this email, or has it any more: nothing changed.\n'
      : `${orders === 1 ? '1 order is' : `${grouped(orders)} orders are`} erased.\n`,
  );
  return 0;
}

async function eraseOrders(store: OrderStore, ids: readonly string[]): Promise<number> {
  const takeStep = stepsOf(store, 'order_id');
  const counts = { erased: 0, before: 0, unknown: 0 };
  for (let at = 0; at < ids.length; at += partOrdersMax) {
    const part = [...new Set(ids.slice(at, at + partOrdersMax))];
    const ends = await Promise.all(part.map((orderId) => eraseOne(store, takeStep, orderId)));
    for (const end of ends) counts[end] += 1;
  }
  const { erased, before, unknown } = counts;
  process.stdout.write(
    `${grouped(erased)} erased, ${grouped(before)} erased before, ${grouped(unknown)} not in this shop.\n`,
  );
  return 0;
}

async function eraseOne(
  store: OrderStore,
  takeStep: EraseCustomerOptions['takeStep'],
  orderId: string,
): Promise<'erased' | 'before' | 'unknown'> {
  const history = await store.findOrderWithEvents(orderId);
  if (history === null) return 'unknown';
  if (hasErasure(history.events)) return 'before';
  const outcome = await takeStep({ orderId, step: { name: 'erase' }, expectedRevisions: null });
  return isErased(outcome) ? 'erased' : 'before';
}

async function listErased(store: OrderStore): Promise<number> {
  let position = 0;
  for (;;) {
    const entries = await store.readOrderLog(position, logPageEntries);
    const ids = new Set(entries.flatMap(({ type, orderId }) => (type === 'order_erased' ? [orderId] : [])));
    for (const id of ids) process.stdout.write(`${id}\n`);
    position = entries.at(-1)?.position ?? position;
    if (entries.length < logPageEntries) return 0;
  }
}
