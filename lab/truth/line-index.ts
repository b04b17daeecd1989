/**
 * Finds lines of a ledger by a text of theirs (a key, an order id), in 16 bytes a place and at most 2.5
 * places a line: 64 bits of hash, and where the line is. The caller reads the line again to be sure.
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

const placesFirst = 1_024;
const fullMax = 0.8;

export function createLineIndex(): LineIndex {
  let high = new Uint32Array(placesFirst);
  let low = new Uint32Array(placesFirst);
  /** Plus one; 0 is a free place. */
  let places = new Float64Array(placesFirst);
  let count = 0;

  function put(highBits: number, lowBits: number, place: number): void {
    const mask = places.length - 1;
    let at = lowBits & mask;
    while (places[at] !== 0) at = (at + 1) & mask;
    high[at] = highBits;
    low[at] = lowBits;
    places[at] = place;
  }

  function grow(): void {
    const [oldHigh, oldLow, oldPlaces] = [high, low, places];
    high = new Uint32Array(oldPlaces.length * 2);
    low = new Uint32Array(oldPlaces.length * 2);
    places = new Float64Array(oldPlaces.length * 2);
    for (const [at, place] of oldPlaces.entries())
      if (place !== 0) put(oldHigh[at] ?? 0, oldLow[at] ?? 0, place);
  }

  return {
    find(hash, isSame) {
      const mask = places.length - 1;
      for (let at = hash.low & mask; places[at] !== 0; at = (at + 1) & mask) {
        if (low[at] !== hash.low || high[at] !== hash.high) continue;
        const location = (places[at] ?? 0) - 1;
        if (isSame(location)) return location;
      }
      return -1;
    },
    add({ high: highBits, low: lowBits }, location) {
      if (count + 1 > places.length * fullMax) grow();
      put(highBits, lowBits, location + 1);
      count += 1;
    },
    *locations() {
      for (const place of places) if (place !== 0) yield place - 1;
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
