/**
 * Which SKUs a list has had, and on which line: 16 bytes for each, so that a million take 32 MiB at most.
 *
 * Keeps a hash of 53 bits in the place of a SKU. Among a million, two different ones have the same hash once in twenty
 * thousand lists; such a list would be refused by mistake, with both lines named.
 */
import { createHash } from 'node:crypto';

export interface SeenSkus {
  /** @returns the line that had this SKU before, or null */
  add(sku: string, line: number): number | null;
}

const slotsAtFirst = 1_024;

export function createSeenSkus(): SeenSkus {
  let hashes = new Float64Array(slotsAtFirst);
  let lines = new Float64Array(slotsAtFirst);
  let count = 0;

  /** The slot that holds this hash, or the empty one where it belongs. */
  function slotOf(hash: number): number {
    let slot = hash % hashes.length;
    while (lines[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) % hashes.length;
    return slot;
  }

  function grow(): void {
    const [oldHashes, oldLines] = [hashes, lines];
    hashes = new Float64Array(2 * oldHashes.length);
    lines = new Float64Array(2 * oldLines.length);
    for (const [slot, line] of oldLines.entries()) {
      if (line === 0) continue;
      const hash = oldHashes[slot] ?? 0;
      const next = slotOf(hash);
      hashes[next] = hash;
      lines[next] = line;
    }
  }

  return {
    add(sku, line) {
      const hash = hashOf(sku);
      const slot = slotOf(hash);
      const earlier = lines[slot] ?? 0;
      if (earlier !== 0) return earlier;
      hashes[slot] = hash;
      lines[slot] = line;
      count += 1;
      if (2 * count > hashes.length) grow();
      return null;
    },
  };
}

function hashOf(sku: string): number {
  const digest = createHash('sha1').update(sku).digest();
  return digest.readUIntBE(0, 6) * 32 + ((digest[6] ?? 0) & 31);
}
