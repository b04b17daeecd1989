/**
 * Where this shop is: its host may have others beside it, each below a path of its own. This module is served from
 * `assets/`, and so the shop is one above.
 */

const shop = new URL('..', import.meta.url);

/**
 * @param {string} path without a slash at its start
 * @returns {string}
 */
export function addressInShop(path) {
  return new URL(path, shop).href;
}

/**
 * The name under which the browser keeps something for this shop: it has one storage for the whole host.
 * @param {string} name
 */
export function storageKey(name) {
  return shop.pathname === '/' ? name : `${name} ${shop.pathname}`;
}
