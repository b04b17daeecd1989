/** The description that stands in each backup. It is stored last: a backup without one is no backup. */
import { z } from 'zod';
import { BackupRefusedError } from '../storage/backup-copy.ts';

/**
 * Grows with each new field, which an older program would take for damage. Since 2 a backup says which shop it is of,
 * since 3 where it stands in the shop's history, since 4 which orders it holds at earlier positions.
 */
const formatVersion = 4;

/** Backups that one backup may supersede; a location holds fewer of one shop's history. */
export const supersededMax = 500;

/** Characters, for more orders than a shop ever has. */
const sampledBytesMax = 16_384;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const manifestSchema = z.strictObject({
  format: z.literal([1, 2, 3, formatVersion]),
  /** The name under which it is stored: a backup that was moved to another name is noticed. */
  name: z.string(),
  /** The program that took it. */
  program: z.strictObject({ version: z.string(), commit: z.string().nullable() }),
  schemaVersion: count,
  /** See ShopIdentity; null before any stock was received, and in format 1. */
  shop: z.strictObject({ firstReceipt: sha256, firstOrder: sha256.nullable() }).nullable().default(null),
  /** The shop as it was at this moment (RFC 3339, UTC). Orders before it are in the backup. */
  takenAt: z.iso.datetime(),
  orders: count,
  /** All entries of the order log up to here are in the backup, and no others. */
  lastPosition: count,
  /** SHA-256 of the id of the order at that position; null for no order, and before format 3. */
  lastOrder: sha256.nullable().default(null),
  /** The beginnings of such sums at earlier positions: see backup-samples.ts; null before format 4, but for the last programs that wrote format 3. */
  sampledOrders: z.base64().max(sampledBytesMax).nullable().default(null),
  /** Names of earlier backups that its log position would not put before it: see backup-history.ts. */
  supersedes: z.array(z.string()).max(supersededMax).default([]),
  /** Whether the copy was opened and recounted. */
  isVerified: z.boolean(),
  /** The SQLite file, before and after zstd. */
  database: z.strictObject({ bytes: count, sha256, compressedBytes: count, compressedSha256: sha256 }),
  /** The file with the secret of the links to confirmations; null when ORDER_KEY_SECRET holds the secret. */
  orderKey: z.strictObject({ sha256 }).nullable(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Bytes of a manifest at most; one has some 7,000 for a million orders, and some 50 more for each backup that it supersedes. */
export const manifestBytesMax = 65_536;

export function createManifest(content: Omit<Manifest, 'format'>): Manifest {
  return manifestSchema.parse({ format: formatVersion, ...content });
}

/** @throws BackupRefusedError when it is not a manifest of this backup, or this program can't restore it */
export function parseManifest(text: string, name: string): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new BackupRefusedError(`${name} is damaged: its manifest is no JSON. Use another backup.`, {
      cause,
    });
  }
  const { format } = (content ?? {}) as { readonly format?: unknown };
  if (typeof format === 'number' && format > formatVersion) {
    throw new BackupRefusedError(
      `${name} has format ${format}, this program reads up to ${formatVersion}: restore it with the newer program that took it.`,
    );
  }
  const { success, data, error } = manifestSchema.safeParse(content);
  if (success && data.name === name) return data;
  const field = success ? 'name' : (error.issues[0]?.path.join('.') ?? '');
  throw new BackupRefusedError(
    `${name} is damaged: its manifest is wrong at "${field}". Use another backup.`,
  );
}
