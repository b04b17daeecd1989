/** Products as cards. Each carries the data of its product for the scripts, which add a basket button to it. */
import { formatCents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { encoded, encodedEntries } from '../encoded-html.ts';
import { type Html, html } from '../html.ts';
import { rememberLast } from '../remember.ts';
import { productData } from './product-data.ts';
import { isOrderable, stockWords } from './product-words.ts';

/** The page on which the cards are. */
export interface CardPlace {
  readonly basePath: string;
  readonly hasForm: boolean;
}

/** The chosen one is marked, where it is among them. A card is a link that picks its product. */
export function productCards(place: CardPlace, products: readonly Product[], chosen: Product | null): Html {
  const { basePath, hasForm } = place;
  const { all, replaced } = unchosenCards(products, basePath, hasForm);
  const index = chosen === null ? -1 : products.findIndex(({ sku }) => sku === chosen.sku);
  return chosen === null || index === -1 ? all : replaced(index, card(place, chosen, true, index));
}

const unchosenCards = rememberLast((products: readonly Product[], basePath: string, hasForm: boolean) =>
  encodedEntries(
    products.map((product, index) => (index < eagerCards ? eagerCard : lazyCard)(product, basePath, hasForm)),
  ),
);

/** Pictures of the first row are in or near the first view, so they aren't lazy. */
const eagerCards = 4;

const eagerCard = rememberLast((product: Product, basePath: string, hasForm: boolean) =>
  encoded(card({ basePath, hasForm }, product, false, 0)),
);
const lazyCard = rememberLast((product: Product, basePath: string, hasForm: boolean) =>
  encoded(card({ basePath, hasForm }, product, false, eagerCards)),
);

function card({ basePath, hasForm }: CardPlace, product: Product, isChosen: boolean, index: number): Html {
  const { sku, name, category, priceCents, imageUrl } = product;
  const words = stockWords(product);
  const orderable = isOrderable(product);
  const title = orderable
    ? html`<a class="card-link" href="${basePath}/?product=${encodeURIComponent(sku)}#${hasForm ? 'order' : 'stage'}"${isChosen && html` aria-current="true"`}>${name}</a>`
    : name;
  return html`<li class="product-card card${!orderable && ' sold-out'}" data-sku="${sku}" ${productData(basePath, product)}><div class="picture">
<img src="${pictureUrl(basePath, imageUrl)}" alt="" width="240" height="240"${index >= eagerCards && html` loading="lazy"`}>
${orderable && hasForm && html`<button type="button" class="button add js-only" data-add aria-label="Add ${name} to your order">+</button>`}</div>
<p class="eyebrow">${category}</p><h3>${title}</h3>
<p class="card-end"><span class="price">${formatCents(priceCents)}</span>
<span class="tag ${words.tone}" data-stock>${words.text}</span></p></li>`;
}
