import assert from 'node:assert/strict';
import type { Shop } from '../journeys/open-shop.ts';
import { get } from '../journeys/shop-client.ts';

/** Whatever only reads is answered, though no order can be stored. @param known an order of Arthur in Texas */
export async function assertPagesGoOn(
  { url }: Shop,
  known: { readonly order_id: string; readonly confirmation_url: string },
): Promise<void> {
  for (const path of [
    '/livez',
    '/health_check',
    '/metrics',
    '/',
    '/api/v1/products',
    '/api/v1/states/TX/top-products',
    '/get_product?product_name=Market%20Awning%20Mug',
    `/api/v1/orders/${known.order_id}`,
  ]) {
    assert.equal((await get(`${url}${path}`)).status, 200, path);
  }
  const page = await get(`${url}${known.confirmation_url}`, { accept: 'text/html' });
  assert.match(page.text, /Arthur/);
}
