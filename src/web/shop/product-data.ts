import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { type Html, html, jsonAttribute } from '../html.ts';
import { splitDescription } from './description.ts';

/**
 * What the scripts know of a product, as an attribute of an element that stands for it: `catalogue.js` has the names.
 * It stands beside the same texts for people, so that a compressed page takes little more room for it.
 */
export function productData(basePath: string, product: Product): Html {
  const { sku, name, description, category, priceCents, imageUrl, onHand, active } = product;
  const { shown, rest } = splitDescription(description);
  const data = {
    sku,
    name,
    description: shown,
    ...(rest === '' ? {} : { is_cut: true }),
    category,
    price_cents: priceCents,
    image_url: pictureUrl(basePath, imageUrl),
    num_in_stock: active ? onHand : 0,
  };
  return html`data-product=${jsonAttribute(data)}`;
}
