import type { Product } from '../../domain/product.ts';
import { type Html, html, raw } from '../html.ts';
import { framePage } from '../layout.ts';
import { counter } from './counter.ts';
import { finder } from './finder.ts';
import type { Listing } from './listing.ts';
import { orderForm } from './order-form.ts';
import { productStage, stageOfNothing } from './product-stage.ts';
import type { productControl, ShopField } from './shop-fields.ts';

/** Above the form: the outcome of the order, and the next step. */
export interface ShopNotice {
  readonly kind: 'warning' | 'danger';
  readonly text: string;
  readonly link?: { readonly href: string; readonly text: string };
  /** Sends the form with this field besides. */
  readonly submit?: { readonly name: string; readonly value: string; readonly text: string };
}

/** Sent by the button that places an order again which this browser has placed before. */
export const repeatField = { name: 'if_repeated', place: 'place' } as const;

export interface ShopPageView {
  readonly basePath: string;
  readonly listing: Listing;
  /** The piece in the window; null when the shop is empty. */
  readonly featured: Product | null;
  /** The product that the form or the link names, from anywhere in the catalogue; one that is not sold; or none. */
  readonly asked: Product | 'not_sold' | null;
  /** The typed text of each field, unchanged; the product by its SKU, or by its name from earlier clients. */
  readonly values: Readonly<Partial<Record<ShopField | typeof productControl, string>>>;
  /** The mistakes, in whole sentences for the customer. */
  readonly errors: Readonly<Partial<Record<ShopField, string>>>;
  readonly notice: ShopNotice | null;
  /** Goes with the form, so that sending it twice places one order. */
  readonly idempotencyKey: string;
}

const basketLink =
  '<a class="basket-link js-only" id="basket-link" href="#order">Your order ' +
  '<span class="count" id="basket-count">0</span></a>';

const frame = framePage({
  name: 'shop',
  styles: ['shop.css'],
  modules: [
    'shop.js',
    'basket.js',
    'catalogue.js',
    'draft-order.js',
    'finder.js',
    'hand.js',
    'known-products.js',
    'order-attempt.js',
    'order-form.js',
    'order-lines.js',
    'order-problems.js',
    'page-element.js',
    'place-order.js',
    'product-picker.js',
    'product-stage.js',
    'shop-address.js',
  ],
  listed: true,
  headerEnd: basketLink,
});

/** The shop: a product, the form to order it with, and the others there are. */
export function renderShopPage(view: ShopPageView): Html {
  const { basePath, listing, featured, asked } = view;
  const chosen = chooseProduct(view);
  const content = html`<div class="shop${listing.search !== null && ' searchable'}">
<h1>What would you like?</h1>
${listing.search !== null && finder(basePath, listing.products.length, listing.search)}
${asked === 'not_sold' ? stageOfNothing(basePath, featured) : productStage(basePath, chosen ?? featured)}
${orderForm(view, chosen)}
${counter(basePath, listing, chosen)}
</div>
<p class="toast js-only" id="toast" role="status"></p>`;
  const { before, after } = frame(basePath, 'Shop');
  return html`${raw(before)}${content}${raw(after)}`;
}

/** The product that the form or the link names; the window piece when neither names any. */
function chooseProduct({ asked, featured, values }: ShopPageView): Product | null {
  if (asked !== null) return asked === 'not_sold' ? null : asked;
  return values.sku === undefined && values.product_name === undefined ? featured : null;
}
