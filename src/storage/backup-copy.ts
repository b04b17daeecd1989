/** The port by which a shop is copied for a backup, as it is at one moment, and put back; see src/backup. */
import { OperatorError } from '../program/operator-error.ts';

/** A backup can't be taken, found or restored. The message is one sentence for the operator, with the remedy. */
export class BackupRefusedError extends OperatorError {
  override readonly name = 'BackupRefusedError';
}

/**
 * This file exists while a restore installs a shop, and stays when that restore is killed: no other shop may be
 * made beside it.
 */
export function restoreMarkerOf(file: string): string {
  return `${file}.restoring`;
}

/** Counted in the copy. */
export interface BackupCopyFigures {
  readonly schemaVersion: number;
  readonly orders: number;
  /** Of the order log: all orders up to it are in the copy and no others; 0 for none. */
  readonly lastPosition: number;
  /** The SHA-256 of the order's id at each of the positions that were asked for and at the last one. */
  readonly ordersAt: ReadonlyMap<number, string>;
  /** Null when no stock was ever received. */
  readonly shop: ShopIdentity | null;
}

/**
 * The same in all copies of one shop, also after a restore: SHA-256 sums of rows that never change.
 */
export interface ShopIdentity {
  /** The first receipt of stock, with its time in milliseconds. It comes before any order. */
  readonly firstReceipt: string;
  /** Tells shops apart that began as copies of one file; null before the first order. */
  readonly firstOrder: string | null;
}

export function isSameShop(one: ShopIdentity | null, other: ShopIdentity | null): boolean {
  if (one === null || other === null || one.firstReceipt !== other.firstReceipt) return false;
  return one.firstOrder === null || other.firstOrder === null || one.firstOrder === other.firstOrder;
}

export interface BackupCopyOptions {
  /** Pages that are copied in one go, 1 or more. */
  readonly pagesPerStep: number;
  /** The share of time that the copy rests, 0 to below 1. */
  readonly idleShare: number;
  /** Positions of the order log to look up in the copy. @param lastPosition that of the copy */
  readonly positions: (lastPosition: number) => readonly number[];
  readonly onProgress: (pages: number, pagesInAll: number) => void;
}
