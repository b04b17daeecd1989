/** Style sheets, browser modules and the icon of the lab's page, read once. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PageAnswer } from '../control/lab-server.ts';

const page = import.meta.dirname;
const browser = join(page, 'browser');
/** The lab's look is the shop's, from the shop's own files. */
const web = join(page, '../../src/web');
const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));

/** A sheet that is kept in several files is sent as one. */
const styles: Readonly<Record<string, readonly string[]>> = {
  'theme.css': [join(web, 'theme.css'), join(web, 'components.css'), join(web, 'shopfront.css')],
  'lab.css': [
    join(uplot, 'uPlot.min.css'),
    ...['lab.css', 'till.css', 'run-form.css', 'tables.css', 'charts.css', 'curve.css'].map((name) =>
      join(page, name),
    ),
  ],
};

/** The modules of the folder `browser/` that the page's own module, the first, imports; the report has another. */
export const moduleNames: readonly string[] = [
  'lab.js',
  ...readdirSync(browser).filter(
    (name) => /^[a-z-]+\.js$/.test(name) && name !== 'lab.js' && name !== 'report.js',
  ),
];

/** By path, such as `/assets/lab.js`. */
export function readAssets(): ReadonlyMap<string, PageAnswer> {
  const assets = new Map<string, PageAnswer>();
  const add = (name: string, contentType: string, body: string) =>
    assets.set(`/assets/${name}`, { contentType, body });
  for (const [name, files] of Object.entries(styles)) {
    add(name, 'text/css; charset=utf-8', files.map(textOf).join('\n'));
  }
  for (const name of moduleNames) {
    add(name, 'text/javascript; charset=utf-8', linkPackages(textOf(join(browser, name))));
  }
  add('uplot.js', 'text/javascript; charset=utf-8', textOf(join(uplot, 'uPlot.esm.js')));
  add('favicon.svg', 'image/svg+xml', textOf(join(web, 'images/favicon.svg')));
  return assets;
}

/** A browser knows packages only by their URL. */
function linkPackages(source: string): string {
  return source.replaceAll(/from 'uplot';/g, "from './uplot.js';");
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
