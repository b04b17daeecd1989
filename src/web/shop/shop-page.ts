import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { encoded } from '../encoded-html.ts';
import { type Html, html, jsonForScript, raw } from '../html.ts';
import { framePage } from '../layout.ts';
import { remember, rememberLast } from '../remember.ts';
import { orderForm } from './order-form.ts';
import { productCards, productStage, stageOfNothing } from './product-cards.ts';
import { orderForDisplay, pickFeatured } from './product-order.ts';
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
  readonly products: readonly Product[];
  /** The product of the link: one of the list, or one that is not sold. The choice in the form goes before it. */
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
    'hand.js',
    'look-up-products.js',
    'order-attempt.js',
    'order-form.js',
    'order-lines.js',
    'order-problems.js',
    'page-element.js',
    'place-order.js',
    'product-stage.js',
    'shop-address.js',
  ],
  listed: true,
  headerEnd: basketLink,
});

/** The shop: a product, the form to order it with, and everything else there is. */
export function renderShopPage(view: ShopPageView): Html {
  const { featured, products } = shelve(view.products);
  const chosen = chooseProduct(view, featured);
  const content = html`<div class="shop">
<h1>What would you like?</h1>
${
  chosen === null && asksForNothingSold(view)
    ? stageOfNothing(view.basePath, featured)
    : productStage(view.basePath, chosen ?? featured)
}
${orderForm({ ...view, products }, chosen)}
${productCards(view.basePath, products, chosen)}
</div>
<p class="toast js-only" id="toast" role="status"></p>
<script type="application/json" id="catalogue">${catalogueOf(products, view.basePath)}</script>`;
  const { before, after } = frame(view.basePath, 'Shop');
  return html`${raw(before)}${content}${raw(after)}`;
}

/** The product of the form, otherwise that of the link; the window piece when neither names one. */
function chooseProduct({ products, asked, values }: ShopPageView, featured: Product | null) {
  const { sku, product_name: name } = values;
  if (sku !== undefined) return products.find((product) => product.sku === sku) ?? null;
  if (name !== undefined) return products.find((product) => product.name === name) ?? null;
  return asked === 'not_sold' ? null : (asked ?? featured);
}

/** Whether a product is asked for that is not in the list; then no other takes its place. */
function asksForNothingSold({ asked, values }: ShopPageView): boolean {
  const typed = values.sku ?? values.product_name;
  return typed === undefined ? asked === 'not_sold' : typed !== '';
}

/** The same list is rendered for many visitors. */
const shelve = remember((products: readonly Product[]) => {
  const featured = pickFeatured(products);
  return { featured, products: orderForDisplay(products, featured) };
});

const catalogueOf = rememberLast((products: readonly Product[], basePath: string) =>
  encoded(raw(`[${products.map((product) => catalogueEntry(product, basePath)).join(',')}]`)),
);

/** The data of a product for the scripts; the pictures of the cards are already in the page. */
const catalogueEntry = rememberLast(
  ({ sku, name, description, category, priceCents, imageUrl, onHand, active }: Product, basePath: string) =>
    jsonForScript({
      sku,
      name,
      description,
      category,
      price_cents: priceCents,
      image_url: pictureUrl(basePath, imageUrl),
      num_in_stock: active ? onHand : 0,
    }).text,
);
