/**
 * The order form. Without JavaScript it is the whole shop, so every control in it is a plain one; what
 * only scripts can do carries the class `js-only` and takes its room from the first paint, so that nothing
 * moves when the scripts arrive.
 */
import { formatCents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';
import { normalizeUsState, type UsState, usStateName, usStates } from '../../domain/us-state.ts';
import { encoded, encodedEntries } from '../encoded-html.ts';
import { type Html, html } from '../html.ts';
import { remember } from '../remember.ts';
import { fieldWords } from './field-words.ts';
import { pricesShownField, writePricesShown } from './prices-shown.ts';
import { productData } from './product-data.ts';
import { isOrderable, isolatedName, stockWords } from './product-words.ts';
import { fieldLabels, isOptional, productControl, type ShopField, shopFields } from './shop-fields.ts';
import type { ShopNotice, ShopPageView } from './shop-page.ts';

/** The entries of the list that have a heading of their own, behind the states. */
const stateGroups: readonly (readonly [string, readonly UsState[]])[] = [
  ['Territories', ['AS', 'GU', 'MP', 'PR', 'VI']],
  ['Freely associated states', ['FM', 'MH', 'PW']],
  ['Military and diplomatic (APO, FPO, DPO)', ['AA', 'AE', 'AP']],
];
const grouped: ReadonlySet<UsState> = new Set(stateGroups.flatMap(([, states]) => states));

/** @param chosen the product that is picked, or null when the page was asked for one that isn't in the catalogue */
export function orderForm(view: ShopPageView, chosen: Product | null): Html {
  return html`<form class="order-panel card" id="order" method="post" action="${view.basePath}/" aria-labelledby="order-title">
<h2 id="order-title">Your order</h2>
<input type="hidden" name="idempotency_key" value="${view.idempotencyKey}">
<input type="hidden" name="${pricesShownField}" value="${pricesShown(view.listing.products)}${isBeyond(view, chosen) && `.${writePricesShown([chosen])}`}">
${view.notice?.submit !== undefined && enterButton}
${errorSummary(view.errors)}
<div id="order-notice" class="notice-slot">${view.notice !== null && notice(view.notice)}</div>
<ul class="order-lines js-only" id="order-lines" aria-label="In your order" hidden></ul>
${field(view, 'product_name', productSelect(view, chosen))}
<div class="field-row pick-row">
${field(view, 'quantity', quantityStepper(view))}
<button type="button" class="button quiet js-only" id="add-another"><span aria-hidden="true">+</span> Another product</button>
</div>
${field(view, 'customer_name', textInput(view, 'customer_name', 'name'))}
<div class="field-row address-row">
${field(view, 'street_address', textInput(view, 'street_address', 'address-line1'))}
${field(view, 'address_line_2', textInput(view, 'address_line_2', 'address-line2'))}
${field(view, 'city', textInput(view, 'city', 'address-level2'))}
${field(view, 'state', stateSelect(view))}
${field(view, 'zip_code', textInput(view, 'zip_code', 'postal-code', 'numeric'))}
</div>
${field(view, 'email', textInput(view, 'email', 'email', 'email'))}
<div class="order-end">
<p class="order-total js-only"><span>Total</span> <output id="order-total" for="field-product_name field-quantity"
>${totalOf(view, chosen)}</output></p>
<button type="submit" class="button primary" id="place-order">Place order</button>
</div>
</form>`;
}

/** Of the list that is rendered for many visitors. */
const pricesShown = remember((products: readonly Product[]) => encoded(html`${writePricesShown(products)}`));

/** Enter in a field presses the first button of the form, which must not be the one in the notice. */
const enterButton = html`<button type="submit" hidden></button>`;

/** Has the focus, so that it is in view on a phone, too. */
function errorSummary(errors: ShopPageView['errors']): Html | false {
  const names = shopFields.filter((name) => errors[name] !== undefined);
  if (names.length === 0) return false;
  const items = names.map(
    (name) => html`<li><a href="#field-${name}">${fieldLabels[name]}: ${errors[name]}</a></li>`,
  );
  const title =
    names.length === 1 ? 'One thing needs another look' : `${names.length} things need another look`;
  return html`<div class="notice danger" id="error-summary" role="alert" tabindex="-1" autofocus>
<h3>${title}</h3><ul>${items}</ul></div>`;
}

function notice({ kind, text, link, submit }: ShopNotice): Html {
  const actions =
    (link !== undefined || submit !== undefined) &&
    html`<p class="notice-actions">${link !== undefined && html`<a class="button small primary" href="${link.href}">${link.text}</a>`}
${submit !== undefined && html`<button type="submit" class="button small" name="${submit.name}" value="${submit.value}">${submit.text}</button>`}</p>`;
  return html`<div class="notice ${kind}" role="alert" tabindex="-1" autofocus><p>${text}</p>${actions}</div>`;
}

/** A control with its label before it and its error after it. */
function field({ errors }: ShopPageView, name: ShopField, control: Html): Html {
  return html`<div class="field" id="row-${name}"><label for="field-${name}">${fieldLabels[name]}${
    isOptional(name) && html` <span class="optional">optional</span>`
  }</label>${control}<p class="field-error" id="error-${name}">${errors[name]}</p></div>`;
}

/** The attributes that every control of the form has. */
function controlAttributes({ errors }: ShopPageView, name: ShopField): Html {
  const words = fieldWords[name];
  return html`id="field-${name}" name="${name === 'product_name' ? productControl : name}" aria-describedby="error-${name}"${
    errors[name] !== undefined && html` aria-invalid="true"`
  }${!isOptional(name) && html` required`}${
    words !== undefined && html` data-missing="${words.missing}" data-wrong="${words.wrong}"`
  }`;
}

/**
 * Always `type="text"`: browsers' own ideas of a number or an email address are stricter than the server's
 * and throw away what they don't like.
 */
function textInput(
  view: ShopPageView,
  name: ShopField,
  autocomplete: string,
  inputmode: 'text' | 'numeric' | 'email' = 'text',
): Html {
  return html`<input class="input" type="text" ${controlAttributes(view, name)} value="${view.values[name]}" autocomplete="${autocomplete}"${
    inputmode !== 'text' && html` inputmode="${inputmode}" autocapitalize="off" spellcheck="false"`
  }>`;
}

function quantityStepper(view: ShopPageView): Html {
  return html`<div class="stepper"><button type="button" class="js-only" id="quantity-less" aria-label="One less">−</button>
<input class="input" type="text" ${controlAttributes(view, 'quantity')} value="${view.values.quantity ?? '1'}" inputmode="numeric" autocomplete="off" maxlength="12">
<button type="button" class="js-only" id="quantity-more" aria-label="One more">+</button></div>`;
}

/** Of a large shop it holds one page of the catalogue; scripts make it a list that can be searched. */
function productSelect(view: ShopPageView, chosen: Product | null): Html {
  const { products, search } = view.listing;
  return html`<select class="input" ${controlAttributes(view, 'product_name')} autocomplete="off"${search !== null && html` data-searchable`}>
<option value="">Choose a product</option>
${isBeyond(view, chosen) && productOption(chosen, true, productData(view.basePath, chosen))}${productGroups(products, chosen)}</select>`;
}

/** Whether the chosen product is not among those of the listing. */
function isBeyond({ listing }: ShopPageView, chosen: Product | null): chosen is Product {
  return chosen !== null && !listing.products.some(({ sku }) => sku === chosen.sku);
}

function productGroups(products: readonly Product[], chosen: Product | null): Html {
  const { all, replaced, indexOf } = unchosenGroups(products);
  const index = chosen === null ? undefined : indexOf.get(chosen.sku);
  return chosen === null || index === undefined ? all : replaced(index, productOption(chosen, true));
}

/** By category, in the order in which the counter shows them. */
const unchosenGroups = remember((products: readonly Product[]) => {
  const entries: Html[] = [];
  const indexOf = new Map<string, number>();
  for (const [category, inCategory] of Map.groupBy(products, (product) => product.category)) {
    entries.push(html`<optgroup label="${category}">`);
    for (const product of inCategory) {
      indexOf.set(product.sku, entries.length);
      entries.push(otherOption(product));
    }
    entries.push(html`</optgroup>`);
  }
  return { ...encodedEntries(entries), indexOf };
});

const otherOption = remember((product: Product) => encoded(productOption(product, false)));

/** Letters of a name in the drop-down: it shows no more of them in one line, and its names are in the cards, too. */
const optionLettersMax = 40;

function shortened(name: string): string {
  if (name.length <= optionLettersMax) return name;
  return `${Array.from(name).slice(0, optionLettersMax).join('')}…`;
}

/** A sold-out product is never selected: a browser would send nothing at all for it. */
function productOption(product: Product, isChosen: boolean, data: Html | null = null): Html {
  const words = stockWords(product);
  const orderable = isOrderable(product);
  const note = words.tone === 'good' ? '' : ` · ${words.text}`;
  return html`<option value="${product.sku}" data-sku="${product.sku}"${!orderable && html` disabled`}${
    data !== null && html` ${data}`
  }${isChosen && orderable && html` selected`}>${isolatedName(shortened(product.name))} · ${formatCents(product.priceCents)}${note}</option>`;
}

function stateSelect(view: ShopPageView): Html {
  const typed = normalizeUsState(view.values.state ?? '');
  const option = (state: UsState) =>
    html`<option value="${state}"${state === typed && html` selected`}>${usStateName(state)}</option>`;
  const groups = stateGroups.map(
    ([label, states]) => html`<optgroup label="${label}">${states.map(option)}</optgroup>`,
  );
  return html`<select class="input" ${controlAttributes(view, 'state')} autocomplete="address-level1">
<option value="">Choose</option>${usStates.filter((state) => !grouped.has(state)).map(option)}
${groups}</select>`;
}

function totalOf({ values }: ShopPageView, chosen: Product | null): string {
  const quantity = Number(values.quantity ?? '1');
  const isCount = Number.isInteger(quantity) && quantity >= 1 && quantity <= 10_000;
  return chosen === null || !isOrderable(chosen) || !isCount
    ? '—'
    : formatCents(chosen.priceCents * quantity);
}
