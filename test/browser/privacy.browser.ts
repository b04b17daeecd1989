/** Which visitors see which data of an order, and that no field of it is ever more than text. */
import assert from 'node:assert/strict';
import { place } from '../journeys/shop-client.ts';
import { browserTest, fillCustomer, follow, placeButton, placeOrder } from './shop-visit.ts';

const personal = /Ada|Lovelace|Analytical|ada@example\.com/;

browserTest(
  'personal data is for the browser that placed the order, and for the link',
  async ({ shop, visit }) => {
    const { page: own } = await visit();
    await own.goto('/?product=tent-4p');
    await fillCustomer(own);
    await placeOrder(own);
    assert.match(await own.locator('main').innerText(), personal);
    await own.reload();
    assert.match(await own.locator('main').innerText(), personal);

    const { page: other } = await visit();
    await other.goto(own.url());
    assert.doesNotMatch(await other.content(), personal);
    assert.equal(await other.getByRole('heading', { level: 1 }).innerText(), 'Thank you!');
    assert.match(await other.locator('main').innerText(), /Ships to\s+Texas\n/i);
    assert.doesNotMatch(await other.content(), /Austin|78701/);
    assert.match(await other.locator('main').innerText(), /Sundown Four-Person Tent/);

    const order = await place(shop.url);
    const { page: invited } = await visit();
    await invited.goto(order.confirmation_url);
    assert.match(await invited.locator('main').innerText(), personal);
    await invited.waitForURL((url) => url.search === '');
    await invited.reload();
    assert.match(await invited.locator('main').innerText(), personal);

    // Another order's key opens nothing.
    await other.goto(`${new URL(own.url()).pathname}${new URL(order.confirmation_url, shop.url).search}`);
    assert.doesNotMatch(await other.content(), personal);
  },
);

browserTest('the key of an order can’t be read by scripts', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
  await placeOrder(page);
  assert.equal(await page.evaluate('document.cookie'), '');
  const [cookie] = await page.context().cookies(page.url());
  assert.equal(cookie?.httpOnly, true);
  assert.equal(cookie?.path, new URL(page.url()).pathname);
});

const attack = {
  name: `<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">`,
  street: `"><svg onload="alert('street')">`,
  city: `' autofocus onfocus='alert(1)' x='`,
};

browserTest('a script in a name never runs and is shown as it was typed', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/?product=tent-4p');
  await fillCustomer(page, attack);
  await placeOrder(page);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), `Thank you, ${attack.name}!`);
  const address = await page.locator('address').innerText();
  for (const text of Object.values(attack)) assert.ok(address.includes(text), text);
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.equal(await page.locator('.receipt script, .receipt [onerror], .receipt [onload]').count(), 0);
});

browserTest('a script that the shop page gives back never runs', async ({ visit }) => {
  // With scripts off the page comes from the service; it is then opened with them on.
  const { page: plain } = await visit({ javaScriptEnabled: false, refusalsExpected: true });
  await plain.goto('/?product=tent-4p');
  await fillCustomer(plain, { ...attack, zip: '<b>1' });
  await follow(plain, placeButton(plain));
  await plain.locator('#error-summary').waitFor();
  assert.equal(await plain.getByLabel('Full name').inputValue(), attack.name);
  const { page } = await visit();
  const answered = await plain.content();
  await page.route('**/', (route) => route.fulfill({ contentType: 'text/html', body: answered }));
  await page.goto('/');
  await page.locator('#order.ready').waitFor();
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.equal(await page.getByLabel('Full name').inputValue(), attack.name);
});

browserTest('an unknown order is a friendly page that leads back to the shop', async ({ visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  for (const id of [
    '0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10',
    'nonsense',
    '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
  ]) {
    const answer = await page.goto(`/orders/${id}`);
    assert.equal(answer?.status(), 404);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'We have no such order');
  }
  await follow(page, page.getByRole('link', { name: 'Go to the shop' }));
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'What would you like?');
});
