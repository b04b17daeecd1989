/** A shop below a path of its host: no link leads out of that path, whatever the proxy in front does with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openPathProxy, type PathProxy, pathProxyKinds } from '../path-proxy.ts';
import { startService } from '../service.ts';
import { openShop } from './open-shop.ts';
import { aForm, anOrder } from './shop-client.ts';

const order = anOrder();
const form = new URLSearchParams(aForm());
const asBrowser = { accept: 'text/html,*/*;q=0.8' };

/** The addresses that a page, a style sheet or a module leads to. */
function linksIn(text: string, from: string, type: string): readonly string[] {
  const patterns = /html/.test(type)
    ? [/\s(?:href|src|action)="([^"]*)"/g]
    : /css/.test(type)
      ? [/url\(\s*['"]?([^'")]+)/g]
      : [/from '([^']+)'/g];
  return patterns
    .flatMap((pattern) => Array.from(text.matchAll(pattern), ([, link = '']) => link))
    .filter((link) => !link.startsWith('data:'))
    .map((link) => new URL(link.replaceAll('&amp;', '&'), from).href.replace(/#.*/, ''));
}

/** Follows every link from these addresses on. @returns those that were answered with another status than 200 */
async function crawl(starts: readonly string[], within: string): Promise<readonly string[]> {
  const broken: string[] = [];
  const seen = new Set(starts);
  for (const address of seen) {
    const answer = await fetch(address, { headers: asBrowser });
    const text = await answer.text();
    if (answer.status !== 200 && !starts.includes(address)) broken.push(`${answer.status} ${address}`);
    if (address !== within && !address.startsWith(`${within}/`)) broken.push(`outside: ${address}`);
    // The answer's own address, as after a redirect.
    for (const link of linksIn(text, answer.url, answer.headers.get('content-type') ?? '')) seen.add(link);
  }
  assert.ok(seen.size > 30, `only ${seen.size} addresses`);
  return broken;
}

async function withShopBelow(
  kind: (typeof pathProxyKinds)[number],
  use: (proxy: PathProxy, direct: string) => Promise<void>,
): Promise<void> {
  await using proxy = await openPathProxy('/our/shop', kind);
  const shop = await openShop({ settings: { PUBLIC_URL: proxy.url } });
  try {
    proxy.passTo(shop.url);
    await use(proxy, shop.url);
    assert.deepEqual(proxy.strays, []);
  } finally {
    await shop.close();
  }
}

for (const kind of pathProxyKinds) {
  describe(`below a path, behind a proxy that ${kind}`, () => {
    it('an order is placed, found again by each address of the answer, and its cookie comes back', async () => {
      await withShopBelow(kind, async ({ url, host }) => {
        const placed = await fetch(`${url}/api/v1/orders`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(order),
        });
        assert.equal(placed.status, 201);
        const { order_id, confirmation_url } = (await placed.json()) as Record<string, string>;
        assert.equal(placed.headers.get('location'), `/our/shop/api/v1/orders/${order_id}`);
        assert.match(
          placed.headers.get('set-cookie') ?? '',
          new RegExp(`; Path=/our/shop/orders/${order_id};`),
        );
        const key = /order_key=([^;]+)/.exec(placed.headers.get('set-cookie') ?? '')?.[1];
        assert.equal(confirmation_url, `${url}/orders/${order_id}?key=${key}`);
        assert.equal((await fetch(`${host}${placed.headers.get('location')}`)).status, 200);
        const page = await fetch(confirmation_url ?? '', { headers: asBrowser });
        assert.match(await page.text(), /Thank you, <bdi>Ada Lovelace/);
      });
    });

    it('a form without scripts leads to its confirmation, and back with what was wrong', async () => {
      await withShopBelow(kind, async ({ url }) => {
        const shopPage = await (await fetch(`${url}/`, { headers: asBrowser })).text();
        const action = /<form[^>]* action="([^"]+)"/.exec(shopPage)?.[1] ?? '';
        const post = (body: URLSearchParams) =>
          fetch(new URL(action, url), { method: 'POST', body, headers: asBrowser, redirect: 'manual' });
        const placed = await post(form);
        assert.equal(placed.status, 303);
        assert.ok(placed.headers.get('location')?.startsWith(`${url}/orders/`));
        const mistaken = new URLSearchParams(form);
        mistaken.set('zip_code', 'x');
        const again = await post(mistaken);
        assert.equal(again.status, 422);
        assert.match(await again.text(), /<form[^>]* action="\/our\/shop\/"/);
      });
    });

    it('every link of every page, style sheet and module stays below the path and is answered', async () => {
      await withShopBelow(kind, async ({ url }) => {
        const placed = await fetch(`${url}/api/v1/orders`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(order),
        });
        const { confirmation_url } = (await placed.json()) as { confirmation_url: string };
        const starts = [url, `${url}/`, confirmation_url, `${url}/docs`, `${url}/no/such/page`];
        assert.deepEqual(await crawl(starts, url), []);
      });
    });

    it('JSON names pictures, the next page, problems and the servers of OpenAPI below the path', async () => {
      await withShopBelow(kind, async ({ url, host }) => {
        const list = await fetch(`${url}/api/v1/products?limit=1`);
        const [product] = ((await list.json()) as { products: { image_url: string; sku: string }[] })
          .products;
        assert.equal((await fetch(new URL(product?.image_url ?? '', url))).status, 200);
        const next = /^<([^>]+)>; rel="next"$/.exec(list.headers.get('link') ?? '')?.[1] ?? '';
        assert.equal((await fetch(`${host}${next}`)).status, 200);
        const top = await fetch(`${url}/api/v1/states/TX/top-products`);
        assert.equal(top.status, 200);
        const original = await fetch(`${url}/get_product?product_name=Sundown%20Four-Person%20Tent`);
        assert.match(((await original.json()) as { image: string }).image, /^\/our\/shop\/images\//);
        const problem = await fetch(`${url}/api/v1/products/none`);
        const { type, instance } = (await problem.json()) as Record<string, string>;
        assert.equal(type, '/our/shop/docs#product_not_found');
        assert.equal(instance, '/our/shop/api/v1/products/none');
        const openApi = (await (await fetch(`${url}/openapi.json`)).json()) as { servers: unknown };
        assert.deepEqual(openApi.servers, [{ url }]);
        assert.ok((await (await fetch(`${url}/docs`)).text()).includes(`${url}/api/v1/products`));
      });
    });
  });
}

describe('below a path', () => {
  it('the service answers each address with the path and without it', async () => {
    await using service = await startService({
      env: { LOG_FILE: '', PUBLIC_URL: 'https://host.example/a-b/c_d' },
    });
    const statusOf = async (path: string) =>
      (await fetch(`${service.url}${path}`, { redirect: 'manual' })).status;
    for (const path of ['/', '/docs', '/livez', '/readyz', '/openapi.json', '/api/v1/products/tent-4p']) {
      assert.equal(await statusOf(path), 200, path);
      assert.equal(await statusOf(`/a-b/c_d${path}`), 200, path);
    }
    assert.equal(await statusOf('/a-b/c_d'), 200);
    for (const path of ['/a-b', '/a-b/', '/a-b/c_d//', '/a-b/c_dx', '/a-b/c_d/a-b/c_d/', '/a-b/c_d/docs/'])
      assert.notEqual(await statusOf(path), 200, path);
    const refused = await fetch(`${service.url}/a-b/c_d/docs`, { method: 'POST' });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS');
  });

  it('a path that would have two meanings is refused before a database is made', async () => {
    for (const path of ['/orders', '/docs/shop', '/api']) {
      const start = startService({ env: { LOG_FILE: '', PUBLIC_URL: `https://host.example${path}` } });
      await assert.rejects(start, /PUBLIC_URL has a path that begins with \/\w+, where the service has/);
    }
  });
});
