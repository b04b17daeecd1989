/**
 * Goes through the ledger and reads every acknowledged order.
 *
 * The ledger is gone through in parts by hash, `entriesPerPartMax` at a time, so that the index of keys and the
 * index of orders hold one part each: at most 135 MB together, 200 while they grow. A check of 1,000,000
 * orders took 180 MB of memory in all (lab/truth/measure-check.ts, in the history at commit bd9dc21).
 */
import { setImmediate as turn } from 'node:timers/promises';
import { addSold, type CheckRun } from './check-run.ts';
import { type LedgerFiles, type LedgerLine, type LedgerReading, orderIdOf } from './ledger-files.ts';
import { createLineIndex, hashText, type LineIndex, type TextHash } from './line-index.ts';
import { type OrderAnswer, openOrderReader } from './order-requests.ts';
import { isTemporary } from './patience.ts';
import { differenceFrom, readSentOrder } from './sent-order.ts';
import type { LedgerEntry } from './truth.ts';

const entriesPerPartMax = 2_000_000;
const readersAtOnce = 32;
/** Lines read without a pause: others in this process have their turn in between. */
const linesPerTurn = 2_000;
/** Of entries without an answer, and of those answered 5xx: remembered and sent again. */
const unansweredKeptMax = 200_000;
const sampleMax = 1_000;
const sampleShare = 0.1;

export interface Acknowledged {
  /** Entries without an answer, or with one that says nothing of an order (200, 302), and without a 201 for their key. */
  readonly unanswered: OpenEntries;
  /** Entries answered 5xx or 408: the service says that it has not placed them, or that it does not know. */
  readonly unavailable: OpenEntries;
  /** Orders that were there as acknowledged, some at random. */
  readonly sample: readonly LedgerEntry[];
}

export interface OpenEntries {
  readonly locations: number[];
  /** Beyond the bound. */
  leftOut: number;
}

export interface AcknowledgedLimits {
  readonly entriesPerPart?: number | undefined;
  readonly unansweredMax?: number | undefined;
}

export async function checkAcknowledged(
  run: CheckRun,
  { entriesPerPart = entriesPerPartMax, unansweredMax = unansweredKeptMax }: AcknowledgedLimits,
): Promise<Acknowledged> {
  const sample = createSample();
  const unanswered: OpenEntries = { locations: [], leftOut: 0 };
  const unavailable: OpenEntries = { locations: [], leftOut: 0 };
  const parts = Math.max(1, Math.ceil(run.counts.entries / entriesPerPart));
  const readers = Array.from({ length: readersAtOnce }, () => openOrderReader(run.url, run.patience));
  try {
    for (let part = 0; part < parts; part += 1) {
      const reading = run.ledger.read();
      const lines = linesToRead(run, reading, part, parts);
      await Promise.all(
        readers.map(async (reader) => {
          for (let line = await lines.next(); line !== null; line = await lines.next()) {
            const answer = await reader.read(orderPath(line.path));
            if (answer === null) continue;
            if (judge(run, line, answer)) sample.offer(line);
            run.onLookedAt();
          }
        }),
      );
      takeUpTo(unansweredMax, lines.unanswered(), unanswered);
      takeUpTo(unansweredMax, lines.unavailable(), unavailable);
      run.counts.damaged = reading.damaged();
      run.counts.cutOff = reading.cutOff();
    }
  } finally {
    for (const reader of readers) reader.close();
  }
  return { unanswered, unavailable, sample: sample.taken() };
}

/** Answered so, no order was placed. A 408 may be of a proxy that had it placed. */
function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** The address of the order's JSON, with the key of its page. */
export function orderPath(pagePath: string): string {
  return pagePath.slice(pagePath.lastIndexOf('/orders/'));
}

interface LinesToRead {
  /** The next acknowledged order of the part, once by key; null at the end. */
  next(): Promise<LedgerLine | null>;
  unanswered(): Iterable<number>;
  unavailable(): Iterable<number>;
}

function linesToRead(run: CheckRun, reading: LedgerReading, part: number, parts: number): LinesToRead {
  const index: PartIndex = {
    isHere: ({ high }) => high % parts === part,
    keys: createLineIndex(),
    orders: createLineIndex(),
    unanswered: createLineIndex(),
    unavailable: createLineIndex(),
  };
  let linesInTurn = 0;
  return {
    async next() {
      for (let line = reading.next(); line !== null; line = reading.next()) {
        linesInTurn += 1;
        if (isToRead(run, index, line)) return line;
        if (linesInTurn >= linesPerTurn) {
          linesInTurn = 0;
          await turn();
        }
      }
      return null;
    },
    unanswered: () => without(run.ledger, index.unanswered, [index.keys]),
    unavailable: () => without(run.ledger, index.unavailable, [index.keys, index.unanswered]),
  };
}

/** The lines of one part, by the hash of their key or order. */
interface PartIndex {
  isHere(hash: TextHash): boolean;
  /** First lines with a 201. */
  readonly keys: LineIndex;
  readonly orders: LineIndex;
  readonly unanswered: LineIndex;
  readonly unavailable: LineIndex;
}

/** Whether the line acknowledges an order for the first time. Notes the faults that the line shows. */
function isToRead(run: CheckRun, index: PartIndex, line: LedgerLine): boolean {
  if (isRefused(line.status)) return false;
  if (line.status === 201 && line.path !== '') noteOrder(run, index, line);
  const hash = hashText(line.key);
  if (!index.isHere(hash)) return false;
  if (line.status === 201) return isFirstOfKey(run, index, line, hash) && namesOrder(run, line);
  const open = line.status < 400 ? index.unanswered : index.unavailable;
  if (findKey(run.ledger, open, hash, line.key) < 0) open.add(hash, line.location);
  return false;
}

/** Notes a fault when two keys have one order. */
function noteOrder({ ledger, faults }: CheckRun, { orders, isHere }: PartIndex, line: LedgerLine): void {
  const orderId = orderIdOf(line.path);
  const hash = hashText(orderId);
  if (!isHere(hash)) return;
  let otherKey = '';
  const other = orders.find(hash, (location) => {
    const entry = ledger.entryAt(location);
    otherKey = entry.key;
    return orderIdOf(entry.path) === orderId;
  });
  if (other < 0) orders.add(hash, line.location);
  else if (otherKey !== line.key)
    faults.note('doubled', `order ${orderId} was the answer to two keys, ${otherKey} and ${line.key}`);
}

/** Whether the line is the first 201 of its key. Notes a fault when it differs from the first. */
function isFirstOfKey(
  { ledger, faults, counts, sold }: CheckRun,
  { keys }: PartIndex,
  line: LedgerLine,
  hash: TextHash,
): boolean {
  const before = findKey(ledger, keys, hash, line.key);
  if (before < 0) {
    keys.add(hash, line.location);
    counts.acknowledged += 1;
    addSold(sold, readSentOrder(line.body));
    return true;
  }
  const first = ledger.entryAt(before);
  const [orderId, firstId] = [orderIdOf(line.path), orderIdOf(first.path)];
  if (orderId !== firstId)
    faults.note('doubled', `key ${line.key} got two orders, ${firstId} and ${orderId}`);
  else if (line.digest !== first.digest)
    faults.note('altered', `order ${orderId} was acknowledged twice, each time with other content`);
  return false;
}

/** Notes a fault when the line acknowledges an order without naming it. */
function namesOrder(run: CheckRun, line: LedgerLine): boolean {
  if (line.path !== '') return true;
  run.counts.checked += 1;
  run.faults.note('lost', `key ${line.key} was acknowledged without the id of its order`);
  run.onLookedAt();
  return false;
}

function findKey(ledger: LedgerFiles, index: LineIndex, hash: TextHash, key: string): number {
  return index.find(hash, (location) => ledger.entryAt(location).key === key);
}

function* without(ledger: LedgerFiles, index: LineIndex, others: readonly LineIndex[]): Generator<number> {
  for (const location of index.locations()) {
    const { key } = ledger.entryAt(location);
    if (others.every((other) => findKey(ledger, other, hashText(key), key) < 0)) yield location;
  }
}

function takeUpTo(max: number, from: Iterable<number>, into: OpenEntries): void {
  for (const location of from) {
    if (into.locations.length < max) into.locations.push(location);
    else into.leftOut += 1;
  }
}

/** Whether the order is there as acknowledged and as sent. */
function judge({ faults, counts }: CheckRun, line: LedgerEntry, answer: OrderAnswer): boolean {
  const orderId = orderIdOf(line.path);
  if (isTemporary(answer.status)) {
    counts.unclear ??= `order ${orderId}: ${answer.status}, again and again`;
    return false;
  }
  counts.checked += 1;
  if (answer.status !== 200) {
    faults.note(
      'lost',
      `order ${orderId} (key ${line.key}) was acknowledged; asked for it, the answer is ${answer.status}`,
    );
    return false;
  }
  const sent = readSentOrder(line.body);
  const difference = sent === null ? 'what was sent is no order' : differenceFrom(sent, answer.text, orderId);
  if (answer.digest !== line.digest) {
    faults.note(
      'altered',
      `order ${orderId} is other than acknowledged: ${difference ?? 'it is as sent, though'}`,
    );
    return false;
  }
  counts.stored += 1;
  if (difference !== null) faults.note('not_as_sent', `order ${orderId}: ${difference}`);
  return difference === null;
}

/** A share of the offered entries, each as likely as the other (Vitter's algorithm R, then the share of it). */
function createSample() {
  const kept: LedgerEntry[] = [];
  let offered = 0;
  return {
    offer(entry: LedgerEntry): void {
      offered += 1;
      const at = offered <= sampleMax ? offered - 1 : Math.floor(Math.random() * offered);
      if (at < sampleMax) kept[at] = entry;
    },
    taken(): readonly LedgerEntry[] {
      const wanted = Math.min(sampleMax, Math.ceil(offered * sampleShare));
      for (let i = 0; i < wanted; i += 1) {
        const other = i + Math.floor(Math.random() * (kept.length - i));
        const [here, there] = [kept[i], kept[other]];
        if (here !== undefined && there !== undefined) [kept[i], kept[other]] = [there, here];
      }
      return kept.slice(0, wanted);
    },
  };
}
