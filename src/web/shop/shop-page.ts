import type { Product } from '../../domain/product.ts';
import { type Html, html, raw } from '../html.ts';
import { framePage } from '../layout.ts';
import { counter } from './counter.ts';
import { finder } from './finder.ts';
import type { Listing } from './listing.ts';
import { orderForm } from './order-form.ts';
import { orderNote } from './order-note.ts';
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
  /** False where orders come from programs with an API key alone: a visitor can only look. */
  readonly takesOrders: boolean;
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

const shopFrame = { name: 'shop', styles: ['shop.css'], listed: true } as const;

/** All scripts of the page serve the form. */
const frameWithoutForm = framePage({ ...shopFrame, modules: [] });

const frameWithForm = framePage({
  ...shopFrame,
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
  headerEnd: basketLink,
});

/** The shop: a product, the form to order it with, and the others there are; without the form where nothing can be ordered. */
export function renderShopPage(view: ShopPageView): Html {
  const { basePath, listing, featured, asked, takesOrders } = view;
  const chosen = chooseProduct(view);
  const hasForm = needsForm(view);
  const { before, after } = (hasForm ? frameWithForm : frameWithoutForm)(basePath, 'Shop');
  const isEmpty = featured === null && !hasForm && takesOrders && listing.search === null;
  const content = html`<div class="shop${listing.search !== null && ' searchable'}${isEmpty && ' empty-shop'}">
<h1>${takesOrders ? 'What would you like?' : 'Have a look around'}</h1>
${listing.search !== null && finder(basePath, listing.products.length, listing.search)}
${asked === 'not_sold' ? stageOfNothing(basePath, featured) : productStage(basePath, chosen ?? featured)}
${hasForm && orderForm(view, chosen)}${!takesOrders && !hasForm && orderNote}
${counter({ basePath, hasForm }, listing, chosen)}
</div>
${hasForm && html`<p class="toast js-only" id="toast" role="status"></p>`}`;
  return html`${raw(before)}${content}${raw(after)}`;
}

/** A form that could not be placed is shown again whatever happened, so that nothing that was typed is lost. */
function needsForm({ takesOrders, featured, errors, notice }: ShopPageView): boolean {
  const isAnswer = notice !== null || Object.keys(errors).length > 0;
  return isAnswer || (takesOrders && featured !== null);
}

/** The product that the form or the link names; the window piece when neither names any. */
function chooseProduct({ asked, featured, values }: ShopPageView): Product | null {
  if (asked !== null) return asked === 'not_sold' ? null : asked;
  return values.sku === undefined && values.product_name === undefined ? featured : null;
}
