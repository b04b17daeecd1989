/**
 * The base path: that of the public address, such as `/shop` of `https://host.example/shop`; empty when the shop has its
 * host to itself. Every link to an address of our own begins with it. It has letters, digits and - . _ ~ alone (the
 * configuration holds that), so that it stands in HTML and in headers as it is.
 */

/** @param imageUrl of the catalogue: a path of this service, or an address elsewhere */
export function pictureUrl(basePath: string, imageUrl: string): string {
  return imageUrl.startsWith('/') && !imageUrl.startsWith('//') ? basePath + imageUrl : imageUrl;
}
