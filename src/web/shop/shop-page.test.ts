import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Product } from '../../domain/product.ts';
import type { Listing, ListingSearch } from './listing.ts';
import { renderShopPage, type ShopPageView } from './shop-page.ts';

const hostile = `"><script>alert('1')</script>`;

function aProduct(sku: string, over: Partial<Product> = {}): Product {
  return {
    sku,
    name: `The ${sku}`,
    description: 'Good.',
    category: 'Home',
    priceCents: 19_999,
    imageUrl: `/images/${sku}.svg`,
    onHand: 500,
    active: true,
    revision: 1,
    createdAtMs: 0,
    ...over,
  };
}

/** A small shop, unless it is searched; its first product stands in the window. */
function pageOf({
  products = [aProduct('tent'), aProduct('mug')],
  search = null,
  ...view
}: Partial<ShopPageView & Listing>): string {
  return renderShopPage({
    basePath: '',
    takesOrders: true,
    listing: { products, search },
    featured: products[0] ?? null,
    asked: null,
    values: {},
    errors: {},
    notice: null,
    idempotencyKey: 'key-1',
    ...view,
  }).text;
}

/** The opening tag of the control of a field. */
function controlOf(page: string, field: string): string {
  return page.match(new RegExp(`<(?:input|select)[^>]*id="field-${field}"[^>]*>`))?.[0] ?? '';
}

test('option values are SKUs, because two products may share a name', () => {
  assert.match(pageOf({}), /<option value="tent" data-sku="tent" selected>The tent · \$199\.99<\/option>/);
});

test('sold-out and inactive products say so and cannot be chosen', () => {
  const page = pageOf({ products: [aProduct('tent', { onHand: 0 }), aProduct('mug', { active: false })] });
  assert.match(page, /<option value="tent" data-sku="tent" disabled>[^<]*Sold out<\/option>/);
  assert.match(page, /<option value="mug" data-sku="mug" disabled>[^<]*Sold out<\/option>/);
  assert.ok(!page.includes('data-add'));
  assert.ok(!page.includes('class="card-link"'));
});

test('stock is exact from twelve down', () => {
  assert.ok(pageOf({ products: [aProduct('tent', { onHand: 12 })] }).includes('Only 12 left'));
  assert.ok(!pageOf({ products: [aProduct('tent', { onHand: 13 })] }).includes('Only'));
});

test('the window piece is selected unless another product is named', () => {
  const products = [aProduct('tent'), aProduct('mug')];
  const [, mug = assert.fail()] = products;
  assert.match(pageOf({ products }), /data-sku="tent" selected/);
  assert.match(pageOf({ products, asked: mug }), /data-sku="mug" selected/);
});

test('what is asked for and not sold is said, and nothing is selected in its place', () => {
  const page = pageOf({ asked: 'not_sold' });
  assert.doesNotMatch(page, / selected>The/);
  assert.match(page, /This is not on our counter/);
  assert.match(page, /id="stage-words" hidden/);
  assert.match(page, /<output id="order-total"[^>]*\n?>—</);
  // The form names no product.
  assert.doesNotMatch(pageOf({ values: { sku: '' } }), / selected>The|not on our counter/);
  assert.doesNotMatch(pageOf({ values: { product_name: '' } }), / selected>The|not on our counter/);
});

const search: ListingSearch = {
  question: '',
  category: '',
  sort: 'name',
  categories: ['Home', 'Garden'],
  isLaterPage: false,
  next: 'n.bXVn.mug',
};

test('a chosen product beyond the page of a large shop is in the form, with its data and its price', () => {
  const page = pageOf({ search, asked: aProduct('zither', { priceCents: 700 }) });
  assert.match(
    page,
    /<option value="zither" data-sku="zither" data-product='[^']*' selected>The zither · \$7\.00</,
  );
  assert.match(page, /name="prices_shown" value="[^"]*-jg"/);
  assert.match(page, /id="stage-name"[^>]*>The zither</);
  assert.equal(page.match(/aria-current/g), null);
});

test('a large shop can be searched without scripts, and its pages lead on', () => {
  const page = pageOf({ search: { ...search, question: '"x" <y>', category: 'Odd & End' } });
  assert.match(page, /<form class="finder"[^>]* method="get" action="\/#counter-title">/);
  assert.match(page, /name="q" value="&quot;x&quot; &lt;y&gt;"/);
  assert.match(page, /<option value="Odd &amp; End" selected>/, 'also a category that is none');
  assert.match(
    page,
    /id="next-page" rel="next" href="\/\?q=%22x%22\+%3Cy%3E&amp;category=Odd\+%26\+End&amp;after=n\.bXVn\.mug#counter-title"/,
  );
  assert.doesNotMatch(page, /id="first-page"/);
  assert.match(
    pageOf({ search: { ...search, isLaterPage: true, sort: 'cheapest' } }),
    /id="first-page" href="\/\?sort=cheapest#counter-title"/,
  );
  assert.doesNotMatch(pageOf({}), /id="finder"|id="next-page"/, 'a small shop shows all it has');
});

test('a search that finds nothing says so, and the window stays', () => {
  const tent = aProduct('tent');
  const nothing = { ...search, next: null, question: ' yurt ' };
  const page = pageOf({ products: [], search: nothing, featured: tent });
  assert.match(page, /Nothing we sell goes by “<bdi>yurt<\/bdi>”\./);
  assert.match(page, /id="stage-name"[^>]*>The tent</);
  assert.match(page, /data-sku="tent" data-product/);
  assert.match(
    pageOf({ products: [], search: { ...nothing, question: '', category: 'Home' } }),
    /nothing in “<bdi>Home<\/bdi>”/,
  );
});

test('a long description is cut, and the rest of the shown one can be opened', () => {
  const description = 'A word. '.repeat(600);
  const page = pageOf({ products: [aProduct('tent', { description })] });
  assert.match(page, /id="stage-description">(?:A word\. ){24}A word\.…</);
  assert.match(page, /<details class="stage-more" id="stage-more"><summary>/);
  assert.equal(
    page.split('A word.').length - 1,
    600 + 25,
    'in whole, and the beginning in the data of its card',
  );
  assert.match(pageOf({}), /id="stage-more" hidden/);
});

test('a product that is asked for and sold out is shown, but not selected', () => {
  const lamp = aProduct('lamp', { onHand: 0 });
  const page = pageOf({ products: [aProduct('tent'), lamp], asked: lamp });
  assert.match(page, /id="stage-name"[^>]*>The lamp</);
  assert.doesNotMatch(page, / selected/);
  assert.match(page, /<output id="order-total"[^>]*\n?>—</);
});

test('a notice may lead somewhere, and send the form in another way, but not by Enter', () => {
  const page = pageOf({
    notice: {
      kind: 'warning',
      text: 'Again?',
      link: { href: '/orders/1', text: 'See it' },
      submit: { name: 'if_repeated', value: 'place', text: 'Order it again' },
    },
  });
  assert.match(page, /<a class="button small primary" href="\/orders\/1">See it<\/a>/);
  const buttons = Array.from(page.matchAll(/<button type="submit"[^>]*>/g), ([tag]) => tag);
  assert.match(buttons[0] ?? '', / hidden>/, 'Enter presses the first, which orders as usual');
  assert.match(buttons[1] ?? '', /name="if_repeated" value="place"/);
  assert.doesNotMatch(pageOf({}), /<button type="submit" hidden>/);
});

test('no control refuses what the service takes', () => {
  const page = pageOf({});
  const controls = Array.from(page.matchAll(/<(?:input|select)[^>]*id="field-[^>]*>/g), ([tag]) => tag);
  assert.equal(controls.length, 9);
  for (const control of controls) {
    assert.doesNotMatch(control, / (?:pattern|minlength|min|max|step)=|type="(?:email|number|tel)"/);
  }
});

test('each error stands beside its field and in the summary, and what was typed is kept', () => {
  const page = pageOf({
    values: { quantity: '2x', zip_code: '1234', state: 'tx', customer_name: 'Ada' },
    errors: { quantity: 'Enter a whole number.', zip_code: 'Enter 5 digits.' },
  });
  assert.ok(page.includes('<p class="field-error" id="error-zip_code">Enter 5 digits.</p>'));
  assert.ok(page.includes('<a href="#field-zip_code">ZIP code: Enter 5 digits.</a>'));
  assert.ok(page.includes('2 things need another look'));
  const zip = controlOf(page, 'zip_code');
  assert.match(zip, /aria-describedby="error-zip_code" aria-invalid="true"/);
  assert.match(zip, /value="1234"/);
  assert.match(controlOf(page, 'quantity'), /value="2x"/);
  assert.doesNotMatch(controlOf(page, 'customer_name'), /aria-invalid/);
  assert.ok(page.includes('<option value="TX" selected>Texas</option>'));
});

test('city and email are optional, everything else is required', () => {
  const page = pageOf({});
  for (const field of ['city', 'email']) assert.doesNotMatch(controlOf(page, field), /required/);
  for (const field of ['product_name', 'quantity', 'customer_name', 'street_address', 'state', 'zip_code']) {
    assert.match(controlOf(page, field), / required/, field);
  }
});

test('hostile text never becomes markup', () => {
  const page = pageOf({
    products: [
      aProduct('tent', { name: hostile, description: hostile, category: hostile, imageUrl: hostile }),
    ],
    values: { customer_name: hostile, street_address: hostile, email: hostile, quantity: hostile },
    errors: { customer_name: hostile },
    notice: { kind: 'danger', text: hostile },
    idempotencyKey: hostile,
  });
  assert.ok(!page.includes('<script>alert'));
  assert.ok(!page.includes('"><script>'));
  const json = page.match(/data-product='([^']*)'/)?.[1] ?? '';
  const text = json.replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  assert.equal(JSON.parse(text).name, hostile);
});

test('an empty catalogue is a page, too', () => {
  assert.ok(pageOf({ products: [] }).includes('Nothing on the counter'));
});

test('no inline script, style or handler that the policy would refuse', () => {
  const page = pageOf({});
  assert.doesNotMatch(page, / style=| on[a-z]+="|<style|<script>/);
});

test('a name from right to left does not turn the price beside it around', () => {
  const page = pageOf({ products: [aProduct('teapot', { name: 'إبريق شاي' }), aProduct('mug')] });
  assert.match(page, />\u2068إبريق شاي\u2069 · \$199\.99</);
  assert.match(page, />The mug · \$199\.99</);
});

test('each control carries what the shop says of it when it is empty or wrong', () => {
  const page = pageOf({});
  assert.match(controlOf(page, 'state'), /data-missing="Choose a state from the list\."/);
  assert.match(controlOf(page, 'zip_code'), /data-wrong="Enter 5 digits, or ZIP\+4 such as 78701-1234\."/);
});
