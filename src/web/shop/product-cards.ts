import { formatCents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { type Html, html } from '../html.ts';
import { rememberLast } from '../remember.ts';
import { isOrderable, stockWords } from './product-words.ts';

/** The product that is being looked at: picture, price, words. Scripts fill it again on every choice. */
export function productStage(basePath: string, product: Product | null): Html {
  if (product === null) {
    return html`<section class="stage" id="stage"><p class="empty">Nothing on the counter right now.
Please come back soon.</p></section>`;
  }
  const words = stockWords(product);
  return html`<section class="stage" id="stage" aria-labelledby="stage-name">
<img class="stage-picture" id="stage-picture" src="${pictureUrl(basePath, product.imageUrl)}" alt="" width="480" height="480" fetchpriority="high">
<div class="stage-words">
<p class="eyebrow" id="stage-category">${product.category}</p>
<h2 class="stage-name" id="stage-name" tabindex="-1">${product.name}</h2>
<p class="stage-price"><span class="price-tag" id="stage-price">${formatCents(product.priceCents)}</span>
<span class="tag ${words.tone}" id="stage-stock">${words.text}</span></p>
<p class="stage-description" id="stage-description">${product.description}</p>
</div></section>`;
}

/** Everything there is, as cards. A card is a link that picks its product; scripts add a basket button. */
export function productCards(basePath: string, products: readonly Product[], chosen: Product | null): Html {
  return html`<section class="counter" aria-labelledby="counter-title"${products.length === 0 && html` hidden`}>
<h2 id="counter-title">On the counter</h2>
<ul class="cards" id="cards">${cards(products, chosen, basePath)}</ul>
</section>`;
}

/** Nearly every visitor of a catalogue has the same product chosen. */
const cards = rememberLast(
  (products: readonly Product[], chosen: Product | null, basePath: string) =>
    html`${products.map((product, index) =>
      product === chosen || index < eagerCards
        ? card(basePath, product, product === chosen, index)
        : laterCard(product, basePath),
    )}`,
);

/** Pictures of the first row are in or near the first view, so they aren't lazy. */
const eagerCards = 4;

/** Nearly all of a long page, which is rendered anew for each visitor. */
const laterCard = rememberLast((product: Product, basePath: string) =>
  card(basePath, product, false, eagerCards),
);

function card(basePath: string, product: Product, isChosen: boolean, index: number): Html {
  const { sku, name, category, priceCents, imageUrl } = product;
  const words = stockWords(product);
  const orderable = isOrderable(product);
  const title = orderable
    ? html`<a class="card-link" href="${basePath}/?product=${encodeURIComponent(sku)}#order"${isChosen && html` aria-current="true"`}>${name}</a>`
    : name;
  return html`<li class="product-card card${!orderable && ' sold-out'}" data-sku="${sku}"><div class="picture">
<img src="${pictureUrl(basePath, imageUrl)}" alt="" width="240" height="240"${index >= eagerCards && html` loading="lazy"`}>
${orderable && html`<button type="button" class="button add js-only" data-add aria-label="Add ${name} to your order">+</button>`}</div>
<p class="eyebrow">${category}</p><h3>${title}</h3>
<p class="card-end"><span class="price">${formatCents(priceCents)}</span>
<span class="tag ${words.tone}" data-stock>${words.text}</span></p></li>`;
}
