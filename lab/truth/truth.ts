/** The check of a run's ledger against the service, and its verdict. */

/**
 * One line of a ledger, tab-separated, each field without tabs or line ends:
 *
 *     key  status  path  digest  body
 *
 * - `key`: the Idempotency-Key;
 * - `status`: of the answer; 0 when none came, so that the order may or may not be stored;
 * - `path`: of the order's page with the key to its personal data (`/orders/…?key=…`); empty without a 201,
 *   or when that names none;
 * - `digest`: the first 16 hex digits of the SHA-1 of the 201's body; empty without one;
 * - `body`: the order's JSON, as it was sent.
 */
export interface LedgerEntry {
  readonly key: string;
  readonly status: number;
  readonly path: string;
  readonly digest: string;
  readonly body: string;
}

export interface StockLevel {
  readonly sku: string;
  readonly onHand: number;
}

export interface TruthOptions {
  readonly url: string;
  /** The workers' files. */
  readonly ledgerFolder: string;
  /** From {@link readStock}, before the first order. */
  readonly stockBefore: readonly StockLevel[];
  /**
   * A worker did not end as it should, so that orders it sent may not be in its file: what was taken from stock
   * beyond what was sold is then no fault, and nothing is `kept`.
   */
  readonly mayMissOrders?: boolean;
  /**
   * Other clients may buy there too, or receive stock: then a difference of stock proves nothing, in either
   * direction.
   */
  readonly hasOtherShoppers?: boolean;
  /** Checked and to check. */
  readonly onProgress: (checked: number, orders: number) => void;
  /** After so long, the remaining orders are counted as not checked. */
  readonly checkMsMax: number;
  /** So much longer for each line of the ledger: a long run has a long check. */
  readonly checkMsPerLine?: number;
}

export interface TruthVerdict {
  /**
   * `kept`: everything holds. `broken`: something does not. `unproven`: nothing was found, but not
   * everything could be looked at, or nothing that was sent was acknowledged. `nothing`: no order was sent.
   */
  readonly kind: 'kept' | 'broken' | 'unproven' | 'nothing';
  /** The one sentence that stands on top of the report. */
  readonly sentence: string;
  readonly acknowledged: number;
  /** Orders whose answer never came, which were sent again with their key: placed before, or only then. */
  readonly unknown: number;
  readonly unknownStoredBefore: number;
  readonly checked: number;
  readonly stored: number;
  /** Each with its first few examples. */
  readonly faults: readonly TruthFault[];
  readonly stock: readonly StockBalance[];
}

export interface TruthFault {
  readonly kind:
    | 'lost' /* acknowledged, not there */
    | 'altered' /* there, other than acknowledged */
    | 'not_as_sent' /* acknowledged, other than sent */
    | 'doubled' /* one key, two orders; or two keys, one order */
    | 'stock' /* taken and sold do not agree */
    | 'oversold' /* below zero */;
  /** The kind in words, which follow the count. */
  readonly words: string;
  readonly count: number;
  readonly examples: readonly string[];
}

export interface StockBalance {
  readonly sku: string;
  readonly before: number;
  readonly after: number;
  readonly sold: number;
}
