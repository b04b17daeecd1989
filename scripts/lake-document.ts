/**
 * The parts of docs/LAKE.md that come from declarations: the tables' columns, and the analyses of docs/analyses. They stand
 * between comments; all else in the page is written by hand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LakeColumn, LakeTable } from '../src/events/tables/lake-table.ts';
import { lakeTables } from '../src/events/tables/lake-tables.ts';
import type { Document } from './configuration-documents.ts';

const root = join(import.meta.dirname, '..');

/** By the file's name without its ending, in the order in which the page shows them. */
export const analyses = [
  'top-products',
  'baskets',
  'repeat-zip-codes',
  'stock-cover',
  'revenue-by-hour',
] as const;

export type AnalysisName = (typeof analyses)[number];

export function analysisSql(name: AnalysisName): string {
  return readFileSync(join(root, 'docs/analyses', `${name}.sql`), 'utf8');
}

/** The page as it must be; `make docs` writes it. */
export function lakeDocument(): Document {
  const path = 'docs/LAKE.md';
  let text = readFileSync(join(root, path), 'utf8');
  text = withPart(text, 'tables', lakeTables.map(tableSection).join('\n\n'));
  text = withPart(text, 'analyses', analyses.map(analysisSection).join('\n\n'));
  return { path, text };
}

/** @throws Error when the page has no such part */
function withPart(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: by make docs -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/LAKE.md has no part from ${begin} to ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}

function tableSection({ name, meaning, columns, partitionColumn }: LakeTable): string {
  const rows = columns.map(
    (column) => `| \`${column.name}\` | ${column.type} | ${column.unit ?? ''} | ${meaningOf(column)} |`,
  );
  return [
    `### \`${name}\``,
    `${meaning} Partitioned by \`${partitionColumn}\`.`,
    ['| Column | Type | Unit | Meaning |', '|---|---|---|---|', ...rows].join('\n').replaceAll('|  |', '| |'),
  ].join('\n\n');
}

function meaningOf({ meaning, nullable, personal }: LakeColumn): string {
  const text = meaning.replaceAll('|', '\\|');
  if (personal) return `**Personal.** ${text}`;
  return nullable ? `${text} May be null.` : text;
}

/** The comment at the file's beginning is its description; the file is shown as it is. */
function analysisSection(name: AnalysisName): string {
  const title = name.replaceAll('-', ' ').replace('zip', 'ZIP');
  return [
    `### ${title[0]?.toUpperCase()}${title.slice(1)}`,
    `[${name}.sql](analyses/${name}.sql)`,
    `\`\`\`sql\n${analysisSql(name)}\`\`\``,
  ].join('\n\n');
}
