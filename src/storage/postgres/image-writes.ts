/** Keeps the pictures of products, and takes away those that no product names any more. */
import { imagesLookedAtMax, type ProductImage, unnamedImagesKeptMs } from '../../domain/product-image.ts';
import type { ClearedImages } from '../order-store.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { lockCatalog } from './locks.ts';

const insertImages = `
  INSERT INTO product_images (hash, media_type, width, height, bytes)
  SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bytea[])
  ON CONFLICT (hash) DO NOTHING`;

/** Sorted, so that two transactions wait for each other in one direction. */
export const markImages = (hashes: readonly string[], atMs: number): Statement => ({
  text: `
    INSERT INTO unnamed_images (hash, since_ms) SELECT hash, $2::bigint FROM unnest($1::text[]) AS saved(hash)
    ON CONFLICT (hash) DO UPDATE SET since_ms = excluded.since_ms`,
  values: [[...new Set(hashes)].sort(), atMs],
});

/** The marks first: a picture that is being taken away meanwhile is waited for, and then kept anew. */
export function saveImageStatements(images: readonly ProductImage[], atMs: number): readonly Statement[] {
  const hashes = images.map(({ hash }) => hash);
  const values = [
    hashes,
    images.map(({ mediaType }) => mediaType),
    images.map(({ width }) => width),
    images.map(({ height }) => height),
    images.map(({ bytes }) => Buffer.from(bytes)),
  ];
  return [markImages(hashes, atMs), { text: insertImages, values }];
}

const selectDue = `
  SELECT hash FROM unnamed_images WHERE since_ms <= $1::bigint ORDER BY since_ms LIMIT ${imagesLookedAtMax}`;

/** Not the marks that were renewed since they were read. */
const deleteMarks =
  'DELETE FROM unnamed_images WHERE hash = ANY($1::text[]) AND since_ms <= $2::bigint RETURNING hash';

/**
 * Those of them that products name. Apart from the deletion, because a distributed database keeps the two tables in
 * different ways. Behind the hash stands the ending of the format: from '.' to the next character, which is '/'.
 */
const selectNamed = `
  SELECT hash FROM unnest($1::text[]) AS asked(hash) WHERE EXISTS (
    SELECT FROM products WHERE length(image_url) > 64
      AND image_url COLLATE "C" >= '/images/' || hash || '.' AND image_url COLLATE "C" < '/images/' || hash || '/')`;

const deleteImages = 'DELETE FROM product_images WHERE hash = ANY($1::text[]) AND hash <> ALL($2::text[])';

/** In a transaction that has begun. No product is changed meanwhile: it has the catalogue's lock. */
export async function clearImages(send: Connection['send'], nowMs: number): Promise<ClearedImages> {
  const dueMs = nowMs - unnamedImagesKeptMs;
  const [, due] = await send([lockCatalog, { text: selectDue, values: [dueMs] }]);
  const hashes = hashesOf(due);
  if (hashes.length === 0) return { cleared: 0, isMore: false };
  const [marks] = await send([{ text: deleteMarks, values: [hashes, dueMs] }]);
  const unmarked = hashesOf(marks);
  const [named] = await send([{ text: selectNamed, values: [unmarked] }]);
  const [images] = await send([{ text: deleteImages, values: [unmarked, hashesOf(named)] }]);
  return { cleared: images?.rowCount ?? 0, isMore: hashes.length === imagesLookedAtMax };
}

function hashesOf(answer: Answer | undefined): readonly string[] {
  return (answer?.rows ?? []).map((row) => String(row['hash']));
}
