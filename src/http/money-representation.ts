import { z } from 'zod';
import { type Cents, currency } from '../domain/money.ts';

/** A sum of money as clients see it. */
export const moneySchema = z.object({
  amount: z.int().min(0).meta({ description: 'In cents.' }),
  currency: z.literal(currency),
});

export function representMoney(amount: Cents): z.input<typeof moneySchema> {
  return { amount, currency };
}
