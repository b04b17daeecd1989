/** A product as clients see it. */
import { z } from 'zod';
import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../../web/base-path.ts';
import { moneySchema, representMoney } from '../money-representation.ts';

export const productSchema = z
  .object({
    sku: z.string(),
    name: z.string(),
    description: z.string(),
    price: moneySchema,
    image_url: z.string(),
    category: z.string(),
    num_in_stock: z.int().min(0),
    active: z.boolean(),
  })
  .meta({ id: 'Product' });

export function representProduct(basePath: string, product: Product): z.input<typeof productSchema> {
  return {
    sku: product.sku,
    name: product.name,
    description: product.description,
    price: representMoney(product.priceCents),
    image_url: pictureUrl(basePath, product.imageUrl),
    category: product.category,
    num_in_stock: product.onHand,
    active: product.active,
  };
}
