/**
 * Which SKUs a list has had, and on which line: 24 bytes for each at most, so that a million take 23 MiB.
 *
 * Keeps a hash of 53 bits in the place of a SKU. Among a million, two different ones have the same hash once in twenty
 * thousand lists; such a list would be refused by mistake, with both lines named.
 */
import { createHash } from 'node:crypto';

export interface SeenSkus {
  /**
   * @param line 1 to 4,294,967,295
   * @returns the line that had this SKU before, or null
   */
  add(sku: string, line: number): number | null;
  /** Memory that it takes, in bytes. */
  readonly bytes: number;
}

const slotsAtFirst = 1_024;
const growth = 1.5;
/** The share of slots in use from which on there are more. */
const fullShare = 0.75;

export function createSeenSkus(): SeenSkus {
  let hashes = new Float64Array(slotsAtFirst);
  /** 0 for a slot that is empty. */
  let lines = new Uint32Array(slotsAtFirst);
  let count = 0;

  /** The slot that holds this hash, or the empty one where it belongs. */
  function slotOf(hash: number): number {
    let slot = hash % hashes.length;
    while (lines[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) % hashes.length;
    return slot;
  }

  function grow(): void {
    const [oldHashes, oldLines] = [hashes, lines];
    const slots = Math.ceil(growth * oldHashes.length);
    hashes = new Float64Array(slots);
    lines = new Uint32Array(slots);
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
      if (count > fullShare * hashes.length) grow();
      return null;
    },
    get bytes() {
      return hashes.byteLength + lines.byteLength;
    },
  };
}

function hashOf(sku: string): number {
  const digest = createHash('sha1').update(sku).digest();
  return digest.readUIntBE(0, 6) * 32 + ((digest[6] ?? 0) & 31);
}
