/**
 * The charts' browser modules and uPlot as one classic script, for a file that is opened from a disk: there
 * no module may import another.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const browserFolder = fileURLToPath(new URL('./browser/', import.meta.url));
const uplotFolder = dirname(createRequire(import.meta.url).resolve('uplot'));

const importForm = /^import (?:\{[^}]*\}|\w+) from '([^']+)';\n/gm;
const exportForm = /^export (?=(?:const|let|function|async function|class) )/gm;

/**
 * The module of this name after all that it imports, each once, in one scope: none may have a name of
 * another's at its top.
 * @throws Error when a module has an import or export of another form
 */
export function joinModules(entry: string, read: (name: string) => string): string {
  const sources = new Map<string, string>();
  function add(name: string): void {
    if (sources.has(name)) return;
    sources.set(name, '');
    const source = read(name);
    for (const [statement, imported] of source.matchAll(importForm)) {
      if (/\bas\b/.test(statement))
        throw new Error(`${name} renames what it imports, which can't be joined.`);
      if (imported?.startsWith('./')) add(imported.slice('./'.length));
      else if (imported !== 'uplot')
        throw new Error(`${name} imports ${imported}, which the report has not.`);
    }
    const plain = source.replaceAll(importForm, '').replaceAll(exportForm, '');
    const left = /^\s*(?:import|export)\b.*/m.exec(plain);
    if (left !== null) throw new Error(`${name} has "${left[0].trim()}", which can't be joined.`);
    // In order of insertion, a module comes after those it imports.
    sources.delete(name);
    sources.set(name, plain);
  }
  add(entry);
  return Array.from(sources.values()).join('\n');
}

function readModule(name: string): string {
  return readFileSync(join(browserFolder, name), 'utf8');
}

/** Strict, and nothing of it is seen outside. */
export function readReportScript(): string {
  const uplot = readFileSync(join(uplotFolder, 'uPlot.iife.min.js'), 'utf8');
  return `(() => {\n'use strict';\n${uplot}\n${joinModules('report.js', readModule)}\n})();`;
}

export function readPlotStyle(): string {
  return readFileSync(join(uplotFolder, 'uPlot.min.css'), 'utf8');
}
