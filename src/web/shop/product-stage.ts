import { formatCents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';
import { pictureUrl } from '../base-path.ts';
import { type Html, html } from '../html.ts';
import { splitDescription } from './description.ts';
import { stockWords } from './product-words.ts';

/** The product that is being looked at: picture, price, words. Scripts fill it again on every choice. */
export function productStage(basePath: string, product: Product | null): Html {
  if (product === null) {
    return html`<section class="stage" id="stage"><p class="empty">Nothing on the counter right now.
Please come back soon.</p></section>`;
  }
  return html`<section class="stage" id="stage" data-sku="${product.sku}" aria-labelledby="stage-name">${stageParts(basePath, product, false)}</section>`;
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

/** Letters of a name that is set large. */
const largeLettersMax = 60;

const isLongName = (name: string) => name.length > largeLettersMax;

function stageParts(basePath: string, product: Product, isHidden: boolean): Html {
  const words = stockWords(product);
  const { shown, rest } = splitDescription(product.description);
  const hidden = isHidden && html` hidden`;
  return html`<img class="stage-picture" id="stage-picture" src="${pictureUrl(basePath, product.imageUrl)}" alt="" width="480" height="480" fetchpriority="high"${hidden}>
<div class="stage-words" id="stage-words"${hidden}>
<p class="eyebrow" id="stage-category">${product.category}</p>
<h2 class="stage-name${isLongName(product.name) && ' long'}" id="stage-name" tabindex="-1">${product.name}</h2>
<p class="stage-price"><span class="price-tag" id="stage-price">${formatCents(product.priceCents)}</span>
<span class="tag ${words.tone}" id="stage-stock">${words.text}</span></p>
<p class="stage-description" id="stage-description">${shown}</p>
<details class="stage-more" id="stage-more"${rest === '' && html` hidden`}><summary>Read on</summary><p id="stage-rest">${rest}</p></details>
</div>`;
}
