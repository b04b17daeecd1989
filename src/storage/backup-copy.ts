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

/** What a copy holds, as counted in it. */
export interface BackupCopyFigures {
  readonly schemaVersion: number;
  readonly orders: number;
  /** Of the order log: all orders up to it are in the copy and no others; 0 for none. */
  readonly lastPosition: number;
  /** Null when no stock was ever received. */
  readonly shop: ShopIdentity | null;
}

/** Of all copies of one shop the same, also of a shop that was restored. SHA-256 sums of what never changes in it. */
export interface ShopIdentity {
  /** What was received, and to the millisecond when: before any order. */
  readonly firstReceipt: string;
  /** Tells shops apart that began as copies of one file; null before there is one. */
  readonly firstOrder: string | null;
}

export function isSameShop(one: ShopIdentity | null, other: ShopIdentity | null): boolean {
  if (one === null || other === null || one.firstReceipt !== other.firstReceipt) return false;
  return one.firstOrder === null || other.firstOrder === null || one.firstOrder === other.firstOrder;
}

export interface BackupCopyPacing {
  /** Copied in one go, 1 or more. */
  readonly pagesPerStep: number;
  /** Of the time, between two steps; 0 for none, less than 1. */
  readonly idleShare: number;
  readonly onProgress: (pages: number, pagesInAll: number) => void;
}
