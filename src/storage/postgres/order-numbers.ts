/**
 * Order numbers, handed out from a range that this instance has taken for itself.
 *
 * Trades gapless numbers for not waiting: batches of several instances need not agree on the next number.
 * One instance alone counts on without a gap, also over a clean restart; a crash leaves one of at most a
 * range. No number is ever handed out twice.
 */
import type { Answer, Statement } from './connection.ts';

/** Numbers taken at a time; a larger batch takes as many as it has submissions. */
export const rangeSize = 1_000;

export interface NumberReservation {
  readonly first: number;
  /** Reserves more right behind; returns how many, fewer than asked for when others are next to them. */
  extend(countMax: number): number;
  /** Only the first `used` were needed; the rest go back when nobody has reserved since. */
  keep(used: number): void;
}

export interface NumberRequest {
  /** What has to be asked first; null when there are enough numbers, which are then taken already. */
  readonly statement: Statement | null;
  /** With the answer to the statement, when there is one. Once. */
  reserve(answer: Answer | null): NumberReservation;
}

export interface OrderNumbers {
  /** @param spare how many more are to be at hand, to extend the reservation by */
  request(count: number, spare: number): NumberRequest;
  /** Gives back what is left, unless another instance has taken a range since; null when nothing is left. */
  release(): Statement | null;
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
        return { statement: null, reserve: () => reservation };
      }
      return {
        statement: {
          name: 'take-numbers',
          text: `UPDATE order_numbers SET next_number = next_number + $1::bigint
            RETURNING next_number - $1::bigint AS first_number, next_number AS end_number`,
          values: [Math.max(rangeSize, count + spare)],
        },
        reserve(answer) {
          if (answer === null) throw new Error('the numbers that were asked for did not come');
          const { first_number: first, end_number: rangeEnd } = answer.rows[0] as unknown as RangeRow;
          // Unless the range goes on where ours ends, another has taken one between: what was left is a gap.
          if (first !== end) next = first;
          end = rangeEnd;
          return take(count);
        },
      };
    },

    release() {
      if (next === end) return null;
      const statement = {
        text: 'UPDATE order_numbers SET next_number = $1::bigint WHERE next_number = $2::bigint',
        values: [next, end],
      };
      next = end;
      return statement;
    },
  };
}

interface RangeRow {
  readonly first_number: number;
  readonly end_number: number;
}
