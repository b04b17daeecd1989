/**
 * The static files of the pages: style sheets, browser modules, pictures.
 *
 * Everything is read once, when this module is loaded, and kept in memory (some 200 KB). Style sheets and
 * modules get a URL with a digest of their content, so that a browser may keep them for ever; modules
 * import each other by those URLs. Pictures keep their plain URL, because the catalogue names it.
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
  'shop.css': ['shop/shop.css', 'shop/order-panel.css', 'shop/product-cards.css'],
  'confirmation.css': ['confirmation/confirmation.css'],
  'problem.css': ['problem/problem.css'],
  'reference.css': ['reference/reference.css'],
  'shop.js': ['shop/browser/shop.js'],
  'basket.js': ['shop/browser/basket.js'],
  'catalogue.js': ['shop/browser/catalogue.js'],
  'draft-order.js': ['shop/browser/draft-order.js'],
  'hand.js': ['shop/browser/hand.js'],
  'order-attempt.js': ['shop/browser/order-attempt.js'],
  'order-form.js': ['shop/browser/order-form.js'],
  'order-lines.js': ['shop/browser/order-lines.js'],
  'order-problems.js': ['shop/browser/order-problems.js'],
  'page-element.js': ['shop/browser/page-element.js'],
  'place-order.js': ['shop/browser/place-order.js'],
  'product-stage.js': ['shop/browser/product-stage.js'],
  'confirmation.js': ['confirmation/browser/confirmation.js'],
  'reference.js': ['reference/browser/reference.js'],
} as const;

export type AssetName = keyof typeof files;

const forEver = 'public, max-age=31536000, immutable';
const forAnHour = 'public, max-age=3600, stale-while-revalidate=86400';

const urls = new Map<AssetName, string>();
const assets = new Map<string, Asset>();
const images = new Map<string, Asset<'image/svg+xml'>>();

for (const name of Object.keys(files) as AssetName[]) publish(name);
publishImages();

/** The URL of a style sheet or module: changes with its content. */
export function assetUrl(name: AssetName): string {
  return urls.get(name) ?? publish(name);
}

/** The style sheet or module at a path such as `/assets/theme.1a2b3c4d5e.css`, or null. */
export function findAsset(pathname: string): Asset | null {
  return assets.get(pathname) ?? null;
}

/** The picture at a path such as `/images/tent-4p.svg`, or null. */
export function findImage(pathname: string): Asset<'image/svg+xml'> | null {
  return images.get(pathname) ?? null;
}

/** Publishes what a module imports before the module itself, so that its own digest covers theirs. */
function publish(name: AssetName): string {
  const known = urls.get(name);
  if (known !== undefined) return known;
  const paths: readonly string[] = files[name];
  const source = paths.map((path) => readFileSync(programFile(`web/${path}`), 'utf8')).join('\n');
  const isStyle = name.endsWith('.css');
  const text = isStyle ? source : source.replace(/(from ')\.\/([a-z-]+\.js)(';)/g, linkImport);
  const bytes = encodedBytes(Buffer.from(text));
  const dot = name.lastIndexOf('.');
  const url = `/assets/${name.slice(0, dot)}.${bytes.digest}${name.slice(dot)}`;
  urls.set(name, url);
  const contentType = isStyle ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
  assets.set(url, { bytes, contentType, cacheControl: forEver });
  return url;
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
    images.set(`/images/${file}`, { bytes, contentType: 'image/svg+xml', cacheControl: forAnHour });
  }
}
