/** The load lab's page, put together once: GET / and GET /assets/…. */
import { wordmark } from '../../src/web/wordmark.ts';
import type { LabPages } from '../control/lab-server.ts';
import { moduleNames, readAssets } from './page-assets.ts';
import { renderResults } from './results.ts';
import { renderRunForm } from './run-form.ts';
import { renderTill } from './till.ts';

const content = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load lab &middot; Nozama</title>
<meta name="color-scheme" content="light dark"><meta name="theme-color" content="#c2185b">
<meta name="robots" content="noindex">
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/theme.css"><link rel="stylesheet" href="/assets/lab.css">
${moduleNames
  .slice(1)
  .map((name) => `<link rel="modulepreload" href="/assets/${name}">`)
  .join('')}
<script type="module" src="/assets/lab.js"></script>
</head><body class="lab-page">
<a class="skip-link" href="#content">Skip to the content</a>
<header class="shopfront"><div class="awning" aria-hidden="true"></div><div class="signboard">
<a class="home-link" href="/">${wordmark}</a><h1 class="lab-name">Load lab</h1>
<p class="connection" id="connection" role="status" data-state="connecting">Connecting to the lab …</p>
</div></header>
<noscript><p class="notice warning no-scripts">The lab's page needs scripts: please switch them on. Without a page there is the command <code>make load_test_gui</code>.</p></noscript>
<main id="content" tabindex="-1" class="lab" data-loading>
${renderTill()}
${renderRunForm()}
${renderResults()}
</main>
<footer class="foot"><div class="foot-row"><p><strong>Nozama</strong> &middot; The scales of the shop: load it, hurt it, and count every order.</p></div></footer>
</body></html>`;

const assets = readAssets();
const contentType = 'text/html; charset=utf-8';

export const labPages: Pick<LabPages, 'answer'> = {
  answer: (path) => (path === '/' ? { contentType, body: content } : (assets.get(path) ?? null)),
};
