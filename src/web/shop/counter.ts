/** What there is to choose from: all products of a small shop, or one page of a large one. */
import type { Product } from '../../domain/product.ts';
import { type Html, html } from '../html.ts';
import { foundWords, isNarrowed, type Listing, type ListingSearch, listingParameters } from './listing.ts';
import { type CardPlace, productCards } from './product-cards.ts';

export function counter(place: CardPlace, listing: Listing, chosen: Product | null): Html {
  const { basePath } = place;
  const { products, search } = listing;
  const isEmptyShop = products.length === 0 && (search === null || !isNarrowed(search));
  return html`<section class="counter" id="counter" aria-labelledby="counter-title"${isEmptyShop && html` hidden`}>
<h2 id="counter-title" tabindex="-1">On the counter</h2>
<p class="found" id="found" role="status">${search !== null && foundWords(products.length, search)}</p>
<ul class="cards" id="cards">${productCards(place, products, chosen)}</ul>
<div id="nothing-found">${products.length === 0 && search !== null && isNarrowed(search) && nothingFound(basePath, search)}</div>
<nav class="pager" id="pager" aria-label="Pages of products">${search !== null && pager(basePath, search)}</nav>
</section>`;
}

function nothingFound(basePath: string, search: ListingSearch): Html {
  return html`<p class="empty card"><strong>${nothingWords(search)}</strong><br>Try fewer or shorter words, or <a href="${basePath}/">look at everything</a>.</p>`;
}

function nothingWords({ question, category, isLaterPage, next }: ListingSearch): Html | string {
  if (next !== null) return 'Nothing yet among the products we have looked through. There are more.';
  if (isLaterPage) return 'There is nothing after this.';
  const asked = question.trim();
  if (asked === '') return html`There is nothing in “<bdi>${category}</bdi>” right now.`;
  const inCategory = category !== '' && html` in “<bdi>${category}</bdi>”`;
  return html`Nothing we sell goes by “<bdi>${asked}</bdi>”${inCategory}.`;
}

function pager(basePath: string, { question, category, sort, isLaterPage, next }: ListingSearch): Html {
  const href = (after: string | null) => {
    const query = new URLSearchParams();
    if (question.trim() !== '') query.set(listingParameters.question, question);
    if (category !== '') query.set(listingParameters.category, category);
    if (sort !== 'name') query.set(listingParameters.sort, sort);
    if (after !== null) query.set(listingParameters.after, after);
    return `${basePath}/${query.size === 0 ? '' : `?${query}`}#counter-title`;
  };
  return html`${isLaterPage && html`<a class="button" id="first-page" href="${href(null)}">First page</a>`}${
    next !== null && html`<a class="button" id="next-page" rel="next" href="${href(next)}">More products</a>`
  }`;
}
