import { getRandomValues } from 'node:crypto';

/** The next 32 random bits, 0 to 2³² − 1. */
export type Random = () => number;

/**
 * xoshiro128** (Blackman and Vigna, 2018): a few nanoseconds a number, the same sequence for the same seed
 * everywhere, so that a run can be repeated. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  // SplitMix32 spreads the seed over the state, which must not be all zero.
  let mix = seed >>> 0;
  const splitMix = () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return xoshiro(splitMix(), splitMix(), splitMix(), splitMix() | 1);
}

/** Another sequence on every call, for values that must never repeat between runs, such as idempotency keys. */
export function freshRandom(): Random {
  const [a = 1, b = 1, c = 1, d = 1] = getRandomValues(new Uint32Array(4));
  return xoshiro(a, b, c, d | 1);
}

/** A whole number from 0 to `bound` − 1; the bias is below bound / 2³². */
export function below(random: Random, bound: number): number {
  return Math.floor((random() / 0x1_0000_0000) * bound);
}

function xoshiro(a: number, b: number, c: number, d: number): Random {
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}
