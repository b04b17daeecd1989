/** Sends orders again with their keys: those without a clear answer, and a sample of those that are stored. */
import { confirmationPathIn } from '../load/confirmation-path.ts';
import { orderPath } from './acknowledged-orders.ts';
import { addSold, type CheckRun } from './check-run.ts';
import { orderIdOf } from './ledger-files.ts';
import { openOrderReader, type RepeatedAnswer, sendAgain } from './order-requests.ts';
import { isTemporary } from './patience.ts';
import { differenceFrom, readSentOrder } from './sent-order.ts';
import type { LedgerEntry } from './truth.ts';

const sentAtOnce = 16;

/** An order that was acknowledged must be the answer to its key again, byte for byte. */
export async function repeatSample(run: CheckRun, sample: readonly LedgerEntry[]): Promise<void> {
  const { faults, patience, url } = run;
  await inTurns(sample, async (entry) => {
    const answer = await sendAgain(url, entry, patience);
    if (answer === null) return;
    const orderId = orderIdOf(entry.path);
    if (isTemporary(answer.status, answer.text)) {
      run.counts.unclear ??= `order ${orderId}, sent again: ${answer.status}, again and again`;
    } else if (answer.status !== 201) {
      faults.note(
        'altered',
        `order ${orderId}, sent again with its key ${entry.key}, was answered ${answer.status}`,
      );
    } else if (answer.digest !== entry.digest) {
      const other = confirmationPathIn(answer.text);
      const otherId = other === null ? orderId : orderIdOf(other);
      if (otherId !== orderId)
        faults.note('doubled', `key ${entry.key} got two orders, ${orderId} and, sent again, ${otherId}`);
      else faults.note('altered', `order ${orderId} was given another answer when sent again with its key`);
    }
  });
}

/**
 * Sends each again, which settles it: placed before, placed only now, or refused. A placed order must be
 * there as it was answered and as sent, and must not be the order of another key.
 * @param locations of entries whose keys have no 201
 */
export async function settleUnanswered(run: CheckRun, locations: readonly number[]): Promise<void> {
  const { counts, faults, ledger } = run;
  /** Keys by order. */
  const settled = new Map<string, string>();
  await inTurns(locations, async (location) => {
    const entry = ledger.entryAt(location);
    counts.unknown += 1;
    const answer = await sendAgain(run.url, entry, run.patience);
    if (answer === null || isTemporary(answer.status, answer.text)) {
      counts.unsettled += 1;
      if (answer !== null)
        counts.unclear ??= `key ${entry.key}, sent again: ${answer.status}, again and again`;
    } else if (answer.status !== 201) {
      counts.unknownRefused += 1;
    } else {
      if (answer.isReplay) counts.unknownStoredBefore += 1;
      else counts.unknownPlacedNow += 1;
      const orderId = await checkSettled(run, entry, answer);
      const otherKey = settled.get(orderId);
      if (otherKey !== undefined)
        faults.note('doubled', `order ${orderId} was the answer to two keys, ${otherKey} and ${entry.key}`);
      settled.set(orderId, entry.key);
    }
    run.onLookedAt();
  });
  if (settled.size > 0) findAmongAcknowledged(run, settled);
}

/** The order's id. */
async function checkSettled(run: CheckRun, entry: LedgerEntry, answer: RepeatedAnswer): Promise<string> {
  const { faults, counts } = run;
  const path = confirmationPathIn(answer.text);
  if (path === null) {
    faults.note('not_as_sent', `key ${entry.key}: the 201 names no order`);
    return '';
  }
  const orderId = orderIdOf(path);
  const sent = readSentOrder(entry.body);
  addSold(run.sold, sent);
  const difference = sent === null ? 'what was sent is no order' : differenceFrom(sent, answer.text, orderId);
  if (difference !== null) faults.note('not_as_sent', `order ${orderId}: ${difference}`);
  const reader = openOrderReader(run.url, run.patience);
  const stored = await reader.read(orderPath(path));
  reader.close();
  if (stored === null || isTemporary(stored.status)) {
    counts.unsettled += 1;
  } else if (stored.status !== 200) {
    faults.note(
      'lost',
      `order ${orderId} (key ${entry.key}) was acknowledged when sent again; asked for it, the answer is ${stored.status}`,
    );
  } else if (stored.digest !== answer.digest) {
    faults.note('altered', `order ${orderId} is other than acknowledged when it was sent again`);
  }
  return orderId;
}

/** Notes a fault when an order belongs to two keys. */
function findAmongAcknowledged({ ledger, faults }: CheckRun, settled: ReadonlyMap<string, string>): void {
  const reading = ledger.read();
  for (let line = reading.next(); line !== null; line = reading.next()) {
    if (line.status !== 201) continue;
    const orderId = orderIdOf(line.path);
    const key = settled.get(orderId);
    if (key !== undefined && key !== line.key)
      faults.note('doubled', `order ${orderId} was the answer to two keys, ${line.key} and ${key}`);
  }
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: sentAtOnce }, worker));
}
