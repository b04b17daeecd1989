/**
 * Finds lines of a ledger by a text in them (a key, an order id). A slot has 16 bytes: 64 bits of hash, and the
 * location of the line; a line takes at most 2.5 slots. The caller reads the line again to be sure.
 */
export interface LineIndex {
  /** Where a line with this text is; −1 when there is none. @param isSame whether the line there has it */
  find(hash: TextHash, isSame: (location: number) => boolean): number;
  add(hash: TextHash, location: number): void;
  /** Locations in no order. */
  locations(): Iterable<number>;
}

/** Two times 32 bits. */
export interface TextHash {
  readonly high: number;
  readonly low: number;
}

const slotsFirst = 1_024;
const fullMax = 0.8;

export function createLineIndex(): LineIndex {
  let high = new Uint32Array(slotsFirst);
  let low = new Uint32Array(slotsFirst);
  /** Plus one; 0 is a free slot. */
  let slots = new Float64Array(slotsFirst);
  let count = 0;

  function put(highBits: number, lowBits: number, slot: number): void {
    const mask = slots.length - 1;
    let at = lowBits & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    high[at] = highBits;
    low[at] = lowBits;
    slots[at] = slot;
  }

  function grow(): void {
    const [oldHigh, oldLow, oldSlots] = [high, low, slots];
    high = new Uint32Array(oldSlots.length * 2);
    low = new Uint32Array(oldSlots.length * 2);
    slots = new Float64Array(oldSlots.length * 2);
    for (const [at, slot] of oldSlots.entries()) if (slot !== 0) put(oldHigh[at] ?? 0, oldLow[at] ?? 0, slot);
  }

  return {
    find(hash, isSame) {
      const mask = slots.length - 1;
      for (let at = hash.low & mask; slots[at] !== 0; at = (at + 1) & mask) {
        if (low[at] !== hash.low || high[at] !== hash.high) continue;
        const location = (slots[at] ?? 0) - 1;
        if (isSame(location)) return location;
      }
      return -1;
    },
    add({ high: highBits, low: lowBits }, location) {
      if (count + 1 > slots.length * fullMax) grow();
      put(highBits, lowBits, location + 1);
      count += 1;
    },
    *locations() {
      for (const slot of slots) if (slot !== 0) yield slot - 1;
    },
  };
}

/** Murmur3's mixing over the text's characters, in two lanes. */
export function hashText(text: string): TextHash {
  let high = 0x9e3779b9 ^ text.length;
  let low = 0x85ebca6b ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x5bd1e995);
    high ^= high >>> 15;
    low = Math.imul(low ^ code, 0x01000193);
    low = (low << 13) | (low >>> 19);
  }
  return { high: mixed(high ^ Math.imul(low, 0xcc9e2d51)), low: mixed(low ^ Math.imul(high, 0x1b873593)) };
}

function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
