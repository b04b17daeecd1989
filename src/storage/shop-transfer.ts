/**
 * The port by which a whole shop moves from one engine to another: pages of everything that is stored, read
 * from one and written to the other, exactly as they are.
 *
 * Apart from `order-store.ts`, because moving is not selling: nothing is decided, no number, position or time
 * is given anew. An engine implements the side it has: {@link ShopReader}, {@link ShopWriter} or both.
 */
import type { EventOfOrder } from '../domain/decide-batch.ts';
import type { Order } from '../domain/order.ts';
import type { Product } from '../domain/product.ts';
import { imageBytesMax, imagesBytesMax, type ProductImage } from '../domain/product-image.ts';
import type { NumberedMovement } from '../domain/stock-movement.ts';
import type { Popularity } from '../domain/top-products.ts';
import { OperatorError } from '../program/operator-error.ts';
import type { ApiKey, NewApiKey } from './access-store.ts';
import type { AuditHead, StoredAuditRow } from './audit-log.ts';
import type { PositionedLogEntry } from './order-store.ts';
import type { ProductEntry } from './shop-log.ts';
import type { VerifyReport } from './verify-checks.ts';

/** A shop can't be moved; the message is one sentence for the operator, with the remedy. */
export class CopyRefusedError extends OperatorError {
  override readonly name = 'CopyRefusedError';
}

/** An Idempotency-Key and the revision of the order that it has made. */
export interface KeyOfOrder {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly orderId: string;
  readonly revision: number;
}

/** What a shop consists of, by section. */
export interface ShopSections {
  readonly productChanges: ProductEntry;
  /** With the units on hand. */
  readonly products: Product;
  readonly images: ProductImage;
  readonly movements: NumberedMovement;
  /** With their lines. Status and revision are those of now; shipments and returns are left to the events. */
  readonly orders: Order;
  readonly events: EventOfOrder;
  readonly keys: KeyOfOrder;
  readonly log: PositionedLogEntry;
  readonly counters: Popularity;
  readonly apiKeys: ApiKey & NewApiKey;
  readonly audit: StoredAuditRow;
}

export type SectionName = keyof ShopSections;

/**
 * In the order in which they are copied: what is pointed to comes before what points to it. Only changes of products come
 * before the products, so that a database that logs each change finds the copied ones in the log already.
 */
export const sectionNames = [
  'productChanges',
  'products',
  'images',
  'movements',
  'orders',
  'events',
  'keys',
  'log',
  'counters',
  'apiKeys',
  'audit',
] as const;

/** The key of the last row of a page, by which the next one is found; null before the first. */
export type Cursor = readonly (string | number)[] | null;

/** Some rows of one section in the order of its key. */
export type ShopPage = {
  readonly [Name in SectionName]: {
    readonly section: Name;
    readonly rows: readonly ShopSections[Name][];
    /** Where the page ends. */
    readonly end: Cursor;
  };
}[SectionName];

/** Rows in a page at most. An order has up to 50 lines, so that a page takes a few MiB at the worst. */
export const pageRowsMax = 2_000;

/** Pictures in a page at most, as large as they may be. */
export const pageImagesMax = imagesBytesMax / imageBytesMax;

/** What is counted on both sides and must agree, in words for a report. */
export const figureNames = [
  'product changes',
  'last position of a product change',
  'sum of change times',
  'letters of product changes',
  'products',
  'units on hand',
  'pictures',
  'bytes of pictures',
  'stock movements',
  'units moved',
  'orders',
  'sum of order numbers',
  'sum of order times',
  'sum of totals in cents',
  'letters of names and addresses',
  'sum of order revisions',
  'order lines',
  'units ordered',
  'sum of line totals in cents',
  'steps of orders',
  'sum of step times',
  'letters of actors',
  'idempotency keys',
  'letters of keys and fingerprints',
  'log entries',
  'last log position',
  'sum of log times',
  'popularity counters',
  'orders counted',
  'units counted',
  'API keys',
  'letters of API keys',
  'audit entries',
  'letters of audit entries',
  'position of the audit head',
] as const;

export type FigureName = (typeof figureNames)[number];

/** Whole numbers as decimal text: a sum may be beyond 2^53. */
export type ShopFigures = Readonly<Record<FigureName, string>>;

/** Which figure says how many rows a section has. */
export const countOfSection: Readonly<Record<SectionName, FigureName>> = {
  productChanges: 'product changes',
  products: 'products',
  images: 'pictures',
  movements: 'stock movements',
  orders: 'orders',
  events: 'steps of orders',
  keys: 'idempotency keys',
  log: 'log entries',
  counters: 'popularity counters',
  apiKeys: 'API keys',
  audit: 'audit entries',
};

/** One shop at one moment: it does not change as long as it is open. */
export interface ShopReader {
  readonly figures: ShopFigures;
  /** Differs when anything of the shop does: what a copy that was interrupted is recognised by. */
  readonly identity: string;
  readonly shopId: string;
  /** As it stands, whatever the entries say: `verify` compares them. */
  readonly auditHead: AuditHead;
  /** Rows after `after`, {@link pageRowsMax} at most; a page without rows ends the section. */
  readPage(section: SectionName, after: Cursor): ShopPage;
  /** The secret that the links to confirmations are signed with; null when it is missing. @throws OperatorError */
  readOrderKeySecret(): Uint8Array | null;
  /** Where that secret is, for a sentence to the operator. */
  readonly orderKeySecretAt: string;
  close(): void;
}

/** How far a copy has come, as the target itself remembers it. */
export interface CopyPosition {
  /** `verification` when all sections are there. */
  readonly section: SectionName | 'verification';
  readonly after: Cursor;
  /** Rows of this section that are there. */
  readonly copied: number;
}

/** What ends a copy, beside its rows. */
export interface CopyEnding {
  /** The secret that the links to confirmations are signed with; null when the configuration holds it. */
  readonly orderKeySecret: Uint8Array | null;
  /** Of the source. */
  readonly auditHead: AuditHead;
  /** Of the source: the copy is the same shop. */
  readonly shopId: string;
}

/**
 * A target that holds this copy and nothing else, and that no service can use before {@link ShopWriter.open}.
 * A process that ends at any moment leaves it so that opening a writer for the same identity goes on.
 */
export interface ShopWriter {
  /** Where the copy stood when the writer was opened; the beginning, for a new one. */
  readonly position: CopyPosition;
  /** Adds a page and remembers `reached` in one transaction. */
  write(page: ShopPage, reached: CopyPosition): Promise<void>;
  /** Remembers that a section is over. */
  advance(reached: CopyPosition): Promise<void>;
  /** After the last section: rankings, the next order number, the secret. The position becomes `verification`. */
  settle(ending: CopyEnding): Promise<void>;
  readFigures(): Promise<ShopFigures>;
  verify(): Promise<VerifyReport>;
  /** Durable once resolved: from now on services may take orders, and no copy goes on here. */
  open(): Promise<void>;
  close(): Promise<void>;
}
