/**
 * The parts that every page shares: the awning across the top, the wordmark under it, the foot with the slogan.
 *
 * The parts around a page's own content are put together once per kind of page, so that rendering one is
 * joining four strings.
 */
import { type AssetName, assetPath } from './assets.ts';
import { escapeHtml } from './html.ts';
import { wordmark } from './wordmark.ts';

/** The parts in which one kind of page differs from another. */
export interface PageKind {
  /** Class of the body: lets a page's style sheet speak of the shared parts. */
  readonly name: string;
  readonly styles: readonly AssetName[];
  /** The page's own module first, then its imports, so that all are fetched at once. */
  readonly modules: readonly AssetName[];
  /** Whether search engines may list it. */
  readonly listed: boolean;
  /** The page's own corner of the header, as HTML. */
  readonly headerEnd?: string;
}

/** The HTML that stands before and after the content of a page. */
export type PageFrame = (
  basePath: string,
  title: string,
) => { readonly before: string; readonly after: string };

const slogan = 'Sweet deals. All the time.';

/** Makes the frame of one kind of page; call it once, when the page's module is loaded. */
export function framePage(kind: PageKind): PageFrame {
  const beforeTitle =
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>';
  // A service has one base path: what goes around the content is made when the first page is.
  let made: { readonly basePath: string; readonly before: string; readonly after: string } | null = null;
  return (basePath, title) => {
    if (made?.basePath !== basePath) {
      const before = `${headAfterTitle(kind, basePath)}</head><body class="${kind.name}-page">${header(kind, basePath)}`;
      made = { basePath, before, after: footer(basePath) };
    }
    return { before: beforeTitle + escapeHtml(title) + made.before, after: made.after };
  };
}

function headAfterTitle({ styles, modules, listed }: PageKind, basePath: string): string {
  const sheets = ['theme.css' as const, ...styles];
  const [entry, ...imported] = modules;
  return [
    ' &middot; Nozama</title><meta name="color-scheme" content="light dark">',
    '<meta name="theme-color" content="#c2185b">',
    listed ? `<meta name="description" content="${slogan}">` : '<meta name="robots" content="noindex">',
    `<link rel="icon" href="${basePath}/images/favicon.svg" type="image/svg+xml">`,
    ...sheets.map((name) => `<link rel="stylesheet" href="${basePath}${assetPath(name)}">`),
    ...imported.map((name) => `<link rel="modulepreload" href="${basePath}${assetPath(name)}">`),
    entry === undefined ? '' : `<script type="module" src="${basePath}${assetPath(entry)}"></script>`,
  ].join('');
}

function header({ headerEnd }: PageKind, basePath: string): string {
  return (
    '<a class="skip-link" href="#content">Skip to the content</a>' +
    '<header class="shopfront"><div class="awning" aria-hidden="true"></div><div class="signboard">' +
    `<a class="home-link" href="${basePath}/">${wordmark}</a><p class="slogan">${slogan}</p>${headerEnd ?? ''}` +
    '</div></header><main id="content" tabindex="-1">'
  );
}

const footer = (basePath: string) =>
  '</main><footer class="foot"><div class="foot-row">' +
  `<p><strong>Nozama</strong> &middot; ${slogan}</p>` +
  `<nav aria-label="Foot of the page"><a href="${basePath}/">Shop</a><a href="${basePath}/track">Track an order</a><a href="${basePath}/docs">For developers</a></nav>` +
  '</div></footer></body></html>';
