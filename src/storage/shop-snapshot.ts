/** The port by which a shop is copied as it is at one moment, and put back; see src/backup. */

/** A backup can't be taken, found or restored; the message is one sentence for the operator, with the remedy. */
export class BackupRefusedError extends Error {
  override readonly name = 'BackupRefusedError';
}

/** There while a restore puts a shop in place, and after one that was killed then: no other shop may be made here. */
export function restoreMarkerOf(file: string): string {
  return `${file}.restoring`;
}

/** What a copy holds, as counted in it. */
export interface SnapshotFigures {
  readonly schemaVersion: number;
  readonly orders: number;
  /** Of the order log: all orders up to it are in the copy and no others; 0 for none. */
  readonly lastPosition: number;
  /** Of all copies of one shop the same, also of a shop that was restored; null when no stock was ever received. */
  readonly shop: string | null;
}

export interface SnapshotPacing {
  /** Copied in one go, 1 or more. */
  readonly pagesPerStep: number;
  /** Of the time, between two steps; 0 for none, less than 1. */
  readonly idleShare: number;
  readonly onProgress: (pages: number, pagesInAll: number) => void;
}
