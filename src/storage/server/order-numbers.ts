/**
 * Order numbers, handed out from a range that this instance has taken for itself.
 *
 * Trades gapless numbers for not waiting: batches of several instances need not agree on the next number.
 * One instance alone counts on without a gap, also over a clean restart; a crash leaves one of at most a
 * range. No number is ever handed out twice.
 */

/** Numbers taken at a time; a larger batch takes as many as it has submissions. */
export const rangeSize = 1_000;

/** From `first` to before `end`. The database gives each number to one instance only. */
export interface NumberRange {
  readonly first: number;
  readonly end: number;
}

export interface NumberReservation {
  readonly first: number;
  /** Reserves more right behind; returns how many, fewer than asked for when others are next to them. */
  extend(countMax: number): number;
  /** Only the first `used` were needed; the rest go back unless more were reserved since. */
  keep(used: number): void;
}

export interface NumberRequest {
  /** How many numbers the database must give first; 0 when there are enough, which are then taken already. */
  readonly missing: number;
  /** With the range that was missing, or null when none was. Once. */
  reserve(range: NumberRange | null): NumberReservation;
}

export interface OrderNumbers {
  /** @param spare how many more are to be at hand, to extend the reservation by */
  request(count: number, spare: number): NumberRequest;
  /** The range to give back, which the database takes unless another instance has taken one since; null for none. */
  release(): NumberRange | null;
}

export function createOrderNumbers(): OrderNumbers {
  /** From `next` to before `end` are ours. */
  let next = 0;
  let end = 0;

  function take(count: number): NumberReservation {
    const first = next;
    let reserved = count;
    next += count;
    return {
      first,
      extend(countMax) {
        if (next !== first + reserved) return 0;
        const more = Math.min(countMax, end - next);
        reserved += more;
        next += more;
        return more;
      },
      keep(used) {
        if (next === first + reserved) next = first + used;
      },
    };
  }

  return {
    request(count, spare) {
      if (end - next >= count + spare) {
        const reservation = take(count);
        return { missing: 0, reserve: () => reservation };
      }
      return {
        missing: Math.max(rangeSize, count + spare),
        reserve(range) {
          if (range === null) throw new Error('the numbers that were asked for did not come');
          // Unless the range goes on where ours ends, another has taken one between: what was left is a gap.
          if (range.first !== end) next = range.first;
          end = range.end;
          return take(count);
        },
      };
    },

    release() {
      if (next === end) return null;
      const rest = { first: next, end };
      next = end;
      return rest;
    },
  };
}
