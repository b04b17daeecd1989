/** Ranges of order numbers, taken from the database and given back; see `server/order-numbers.ts`. */
import type { NumberRange } from '../server/order-numbers.ts';
import type { Answer, Statement } from './connection.ts';

/** @param count 1 or more */
export const takeNumbers = (count: number): Statement => ({
  name: 'take-numbers',
  text: `UPDATE order_numbers SET next_number = next_number + $1::bigint
    RETURNING next_number - $1::bigint AS first_number, next_number AS end_number`,
  values: [count],
});

/** From the answer to {@link takeNumbers}. */
export function toNumberRange(answer: Answer | undefined): NumberRange | null {
  const row = answer?.rows[0];
  return row === undefined ? null : { first: Number(row['first_number']), end: Number(row['end_number']) };
}

/** Changes nothing when another instance has taken a range since. */
export const giveBackNumbers = ({ first, end }: NumberRange): Statement => ({
  text: 'UPDATE order_numbers SET next_number = $1::bigint WHERE next_number = $2::bigint',
  values: [first, end],
});
