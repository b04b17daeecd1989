/** Keeps the pictures of products, and takes away those that no product names any more. */
import type { DatabaseSync } from 'node:sqlite';
import { imagesLookedAtMax, type ProductImage, unnamedImagesKeptMs } from '../../domain/product-image.ts';
import type { ClearedImages } from '../order-store.ts';

/** Pictures on their way to the writing thread, in JSON. */
export interface SavedImages {
  readonly images: readonly WrittenImage[];
  readonly atMs: number;
}

type WrittenImage = Omit<ProductImage, 'bytes'> & { readonly base64: string };

export function toSavedImages(images: readonly ProductImage[], atMs: number): SavedImages {
  const written = images.map(({ bytes, ...image }) => ({
    ...image,
    base64: Buffer.from(bytes).toString('base64'),
  }));
  return { images: written, atMs };
}

/** All within a transaction. */
export function createImageWrites(db: DatabaseSync) {
  const insert = db.prepare(`
    INSERT INTO product_images (hash, media_type, width, height, bytes) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (hash) DO NOTHING`);
  const insertMark = db.prepare('INSERT OR REPLACE INTO unnamed_images (hash, since_ms) VALUES (?, ?)');
  const selectDue = db.prepare(`
    SELECT hash FROM unnamed_images WHERE since_ms <= ? ORDER BY since_ms LIMIT ${imagesLookedAtMax}`);
  // Behind the hash stands the ending of the format: from '.' to the next character, which is '/'.
  const selectNaming = db.prepare(`
    SELECT 1 FROM products WHERE length(image_url) > 64
      AND image_url >= '/images/' || ?1 || '.' AND image_url < '/images/' || ?1 || '/' LIMIT 1`);
  const deleteMark = db.prepare('DELETE FROM unnamed_images WHERE hash = ?');
  const deleteImage = db.prepare('DELETE FROM product_images WHERE hash = ?');

  /** A picture that no product may name from now on. */
  function mark(hash: string, atMs: number): void {
    insertMark.run(hash, atMs);
  }

  return {
    mark,

    save({ images, atMs }: SavedImages): void {
      for (const { hash, mediaType, width, height, base64 } of images) {
        insert.run(hash, mediaType, width, height, Buffer.from(base64, 'base64'));
        mark(hash, atMs);
      }
    },

    clear(nowMs: number): ClearedImages {
      const due = selectDue.all(nowMs - unnamedImagesKeptMs).map((row) => String(row['hash']));
      let cleared = 0;
      for (const hash of due) {
        if (selectNaming.get(hash) === undefined) cleared += Number(deleteImage.run(hash).changes);
        deleteMark.run(hash);
      }
      return { cleared, isMore: due.length === imagesLookedAtMax };
    },
  };
}
