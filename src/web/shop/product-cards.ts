import { formatCents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { encoded, encodedEntries } from '../encoded-html.ts';
import { type Html, html } from '../html.ts';
import { rememberLast } from '../remember.ts';
import { isOrderable, stockWords } from './product-words.ts';

/** The product that is being looked at: picture, price, words. Scripts fill it again on every choice. */
export function productStage(basePath: string, product: Product | null): Html {
  if (product === null) {
    return html`<section class="stage" id="stage"><p class="empty">Nothing on the counter right now.
Please come back soon.</p></section>`;
  }
  return html`<section class="stage" id="stage" aria-labelledby="stage-name">${stageParts(basePath, product, false)}</section>`;
}

/**
 * A link has asked for what is not sold: it is told so, and nothing else is shown in its place.
 * @param featured stands by for scripts, which show it filled anew once something is chosen
 */
export function stageOfNothing(basePath: string, featured: Product | null): Html {
  if (featured === null) return productStage(basePath, null);
  return html`<section class="stage not-sold" id="stage" aria-labelledby="not-sold-title">
<div class="card" id="not-sold"><h2 id="not-sold-title">This is not on our counter</h2>
<p>The product you were looking for is not sold any more, or its link has a typo. Nothing is chosen yet: pick
what you like below.</p></div>
${stageParts(basePath, featured, true)}</section>`;
}

function stageParts(basePath: string, product: Product, isHidden: boolean): Html {
  const words = stockWords(product);
  const hidden = isHidden && html` hidden`;
  return html`<img class="stage-picture" id="stage-picture" src="${pictureUrl(basePath, product.imageUrl)}" alt="" width="480" height="480" fetchpriority="high"${hidden}>
<div class="stage-words" id="stage-words"${hidden}>
<p class="eyebrow" id="stage-category">${product.category}</p>
<h2 class="stage-name" id="stage-name" tabindex="-1">${product.name}</h2>
<p class="stage-price"><span class="price-tag" id="stage-price">${formatCents(product.priceCents)}</span>
<span class="tag ${words.tone}" id="stage-stock">${words.text}</span></p>
<p class="stage-description" id="stage-description">${product.description}</p>
</div>`;
}

/** Everything there is, as cards. A card is a link that picks its product; scripts add a basket button. */
export function productCards(basePath: string, products: readonly Product[], chosen: Product | null): Html {
  return html`<section class="counter" aria-labelledby="counter-title"${products.length === 0 && html` hidden`}>
<h2 id="counter-title">On the counter</h2>
<ul class="cards" id="cards">${cards(products, chosen, basePath)}</ul>
</section>`;
}

function cards(products: readonly Product[], chosen: Product | null, basePath: string): Html {
  const { all, replaced } = unchosenCards(products, basePath);
  const index = chosen === null ? -1 : products.indexOf(chosen);
  return chosen === null || index === -1 ? all : replaced(index, card(basePath, chosen, true, index));
}

const unchosenCards = rememberLast((products: readonly Product[], basePath: string) =>
  encodedEntries(
    products.map((product, index) => (index < eagerCards ? eagerCard : lazyCard)(product, basePath)),
  ),
);

/** Pictures of the first row are in or near the first view, so they aren't lazy. */
const eagerCards = 4;

const eagerCard = rememberLast((product: Product, basePath: string) =>
  encoded(card(basePath, product, false, 0)),
);
const lazyCard = rememberLast((product: Product, basePath: string) =>
  encoded(card(basePath, product, false, eagerCards)),
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
