/** The state that the parts of one check share: the service they ask, and their findings so far. */
import type { FaultBook } from './fault-book.ts';
import type { LedgerFiles } from './ledger-files.ts';
import type { Patience } from './patience.ts';
import type { SentOrder } from './sent-order.ts';

export interface CheckRun {
  readonly url: string;
  readonly ledger: LedgerFiles;
  readonly patience: Patience;
  readonly faults: FaultBook;
  readonly counts: CheckCounts;
  /** Units by SKU in orders that were acknowledged, in the run or when sent again. */
  readonly sold: Map<string, number>;
  /** Called after each order that was looked at. */
  readonly onLookedAt: () => void;
}

export interface CheckCounts {
  /** Keys with a 201. */
  acknowledged: number;
  /** Of those, looked up with an answer. */
  checked: number;
  /** Of those, there as acknowledged. */
  stored: number;
  /** Orders sent again because their outcome is unknown, and those that could not be settled. */
  unknown: number;
  unknownStoredBefore: number;
  unknownPlacedNow: number;
  unknownRefused: number;
  unsettled: number;
  /** An example of an answer without an outcome of its order. */
  unclear: string | null;
  /** Lines, and files that end in the middle of one. */
  damaged: number;
  cutOff: number;
  /** Entries in the whole ledger. */
  entries: number;
}

export function newCounts(): CheckCounts {
  return {
    acknowledged: 0,
    checked: 0,
    stored: 0,
    unknown: 0,
    unknownStoredBefore: 0,
    unknownPlacedNow: 0,
    unknownRefused: 0,
    unsettled: 0,
    unclear: null,
    damaged: 0,
    cutOff: 0,
    entries: 0,
  };
}

export function addSold(sold: Map<string, number>, sent: SentOrder | null): void {
  if (sent === null) return;
  for (const [sku, units] of sent.lines) sold.set(sku, (sold.get(sku) ?? 0) + units);
}
