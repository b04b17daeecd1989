/**
 * The static files of the pages: style sheets, browser modules, pictures.
 *
 * Everything is read once, when this module is loaded, and kept in memory (some 200 KB). Style sheets and
 * modules get a name with a digest of their content, so that a browser may keep them for ever; modules
 * import each other by those names. Pictures keep their plain name, because the catalogue has it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { programFile } from '../program/program-files.ts';
import { type EncodedBytes, encodedBytes } from './encoded-bytes.ts';

type AssetType = 'text/css; charset=utf-8' | 'text/javascript; charset=utf-8';

/** A file as it can be sent. */
export interface Asset<ContentType extends string = AssetType> {
  readonly bytes: EncodedBytes;
  readonly contentType: ContentType;
  readonly cacheControl: string;
}

/**
 * Every style sheet and browser module, by the name pages ask for. A sheet kept in several files is sent
 * as one, so that a first view needs few requests.
 */
const files = {
  'theme.css': ['theme.css', 'components.css', 'shopfront.css'],
  'shop.css': ['shop/shop.css', 'shop/order-panel.css', 'shop/product-cards.css', 'shop/finder.css'],
  'confirmation.css': ['confirmation/confirmation.css', 'confirmation/timeline.css'],
  'problem.css': ['problem/problem.css'],
  'tracking.css': ['problem/problem.css', 'tracking/tracking.css'],
  'reference.css': ['reference/reference.css'],
  'shop.js': ['shop/browser/shop.js'],
  'basket.js': ['shop/browser/basket.js'],
  'catalogue.js': ['shop/browser/catalogue.js'],
  'draft-order.js': ['shop/browser/draft-order.js'],
  'finder.js': ['shop/browser/finder.js'],
  'hand.js': ['shop/browser/hand.js'],
  'known-products.js': ['shop/browser/known-products.js'],
  'order-attempt.js': ['shop/browser/order-attempt.js'],
  'order-form.js': ['shop/browser/order-form.js'],
  'order-lines.js': ['shop/browser/order-lines.js'],
  'order-problems.js': ['shop/browser/order-problems.js'],
  'page-element.js': ['shop/browser/page-element.js'],
  'product-picker.js': ['shop/browser/product-picker.js'],
  'place-order.js': ['shop/browser/place-order.js'],
  'product-stage.js': ['shop/browser/product-stage.js'],
  'shop-address.js': ['shop/browser/shop-address.js'],
  'confirmation.js': ['confirmation/browser/confirmation.js'],
  'reference.js': ['reference/browser/reference.js'],
} as const;

export type AssetName = keyof typeof files;

const forEver = 'public, max-age=31536000, immutable';
const forAnHour = 'public, max-age=3600, stale-while-revalidate=86400';

const digested = new Map<AssetName, string>();
const assets = new Map<string, Asset>();
const images = new Map<string, Asset<'image/svg+xml'>>();

for (const name of Object.keys(files) as AssetName[]) publish(name);
publishImages();

/** The path of a style sheet or module, after the base path: changes with its content. */
export function assetPath(name: AssetName): string {
  return `/assets/${publish(name)}`;
}

/** @param file such as `theme.1a2b3c4d5e.css` */
export function findAsset(file: string): Asset | null {
  return assets.get(file) ?? null;
}

/** @param file such as `tent-4p.svg` */
export function findImage(file: string): Asset<'image/svg+xml'> | null {
  return images.get(file) ?? null;
}

/**
 * Publishes the imports of a module before the module itself, so that its own digest covers theirs.
 * @returns the name with the digest
 */
function publish(name: AssetName): string {
  const known = digested.get(name);
  if (known !== undefined) return known;
  const paths: readonly string[] = files[name];
  const source = paths.map((path) => readFileSync(programFile(`web/${path}`), 'utf8')).join('\n');
  const isStyle = name.endsWith('.css');
  const text = isStyle ? source : source.replace(/(from '\.\/)([a-z-]+\.js)(';)/g, linkImport);
  const bytes = encodedBytes(Buffer.from(text));
  const dot = name.lastIndexOf('.');
  const file = `${name.slice(0, dot)}.${bytes.digest}${name.slice(dot)}`;
  digested.set(name, file);
  const contentType = isStyle ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
  assets.set(file, { bytes, contentType, cacheControl: forEver });
  return file;
}

function linkImport(_match: string, before: string, file: string, after: string): string {
  if (!Object.hasOwn(files, file)) throw new Error(`a browser module imports ${file}, which is no asset`);
  return `${before}${publish(file as AssetName)}${after}`;
}

function publishImages(): void {
  const folder = programFile('web/images/');
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.svg')) continue;
    const bytes = encodedBytes(readFileSync(new URL(file, folder)));
    images.set(file, { bytes, contentType: 'image/svg+xml', cacheControl: forAnHour });
  }
}
