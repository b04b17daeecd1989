/** A schema as a table for people: one row for each field, however deep. */
import { groupThousands } from '../../domain/money.ts';
import { type Html, html } from '../html.ts';
import { type OpenApiDocument, resolveReference, type Schema } from './openapi-document.ts';
import { lightMarkdown } from './prose.ts';

/** Deeper fields are summed up by their type. */
const depthMax = 4;

/** Of longer lists of allowed values only the first few are shown. */
const valuesShownMax = 8;
const valuesOfManyShown = 3;

/** Longer patterns are for programs: the description says the same in words. */
const patternShownMax = 60;

/** Optional fields have other words in a request, where they may be left out, than in an answer, where they may be missing. */
export type SchemaUse = 'request' | 'answer';

interface Row {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** The fields of an object or of a list's items; nothing for a plain value. */
export function schemaTable(
  document: OpenApiDocument,
  schema: Schema,
  caption: string,
  use: SchemaUse,
): Html {
  const rows: Row[] = [];
  collectRows(document, schema, '', 0, rows);
  if (rows.length === 0) return html`<p class="ref-type">${schemaWords(document, schema)}</p>`;
  return html`<div class="ref-scroll" tabindex="0" role="group" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows.map((row) => rowHtml(document, row, use))}</tbody></table></div>`;
}

function rowHtml(document: OpenApiDocument, { path, schema, isRequired }: Row, use: SchemaUse): Html {
  const tag =
    use === 'request'
      ? isRequired && html` <span class="tag good">required</span>`
      : !isRequired && html` <span class="eyebrow">not always</span>`;
  return html`<tr><th scope="row"><code>${path}</code>${tag}</th>
<td>${schemaWords(document, schema)}</td><td>${lightMarkdown(descriptionOf(document, schema) ?? '')}</td></tr>`;
}

/** Its own, else that of what it refers to, else that of its first variant: "text or null" has its words there. */
function descriptionOf(document: OpenApiDocument, schema: Schema): string | undefined {
  const resolved = resolveReference(document, schema);
  return (
    schema.description ??
    resolved?.description ??
    variants(resolved ?? {})
      .map((variant) => resolveReference(document, variant)?.description)
      .find((words) => words !== undefined)
  );
}

function collectRows(
  document: OpenApiDocument,
  schema: Schema,
  prefix: string,
  depth: number,
  rows: Row[],
): void {
  const resolved = resolveReference(document, schema);
  if (resolved === null || depth > depthMax) return;
  for (const part of [...(resolved.allOf ?? []), ...variants(resolved)]) {
    collectRows(document, part, prefix, depth + 1, rows);
  }
  if (typeof resolved.items === 'object') {
    collectRows(document, resolved.items, `${prefix}[]`, depth + 1, rows);
  }
  for (const [name, property] of Object.entries(resolved.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (rows.some((row) => row.path === path)) continue;
    if (!isPlainObject(document, property)) {
      rows.push({ path, schema: property, isRequired: resolved.required?.includes(name) ?? false });
    }
    collectRows(document, property, path, depth + 1, rows);
  }
}

/** An object of which nothing is said: its fields say it all. */
function isPlainObject(document: OpenApiDocument, schema: Schema): boolean {
  const { properties = {} } = resolveReference(document, schema) ?? {};
  return Object.keys(properties).length > 0 && descriptionOf(document, schema) === undefined;
}

function variants(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

/** `string, 1–200 characters`, `list of object`, `"USD"` … */
export function schemaWords(document: OpenApiDocument, schema: Schema): string {
  const resolved = resolveReference(document, schema);
  if (resolved === null) return 'any';
  if (resolved.const !== undefined) return JSON.stringify(resolved.const);
  if (resolved.enum !== undefined) return enumWords(resolved.enum);
  if (variants(resolved).length > 0) {
    const words = variants(resolved).map((variant) => schemaWords(document, variant));
    return Array.from(new Set(words)).join(' or ');
  }
  return [typeWords(document, resolved), ...limitWords(resolved)].join(', ');
}

function enumWords(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  if (words.length === 1) return String(words[0]);
  if (words.length <= valuesShownMax) return `one of ${words.join(', ')}`;
  return `one of ${words.length}: ${words.slice(0, valuesOfManyShown).join(', ')} …`;
}

function typeWords(document: OpenApiDocument, schema: Schema): string {
  if (schema.type === 'array' && typeof schema.items === 'object') {
    return `list of ${schemaWords(document, schema.items)}`;
  }
  const types = Array.isArray(schema.type) ? schema.type.join(' or ') : schema.type;
  return String(types ?? (schema.properties === undefined ? 'any' : 'object'));
}

function limitWords(schema: Schema): readonly string[] {
  const words: string[] = [];
  if (schema.format !== undefined) words.push(schema.format);
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  pushRange(words, least, most, '');
  pushRange(words, schema.minLength, schema.maxLength, ' characters');
  pushRange(words, schema.minItems, schema.maxItems, ' items');
  if (schema.pattern !== undefined && schema.pattern.length <= patternShownMax && schema.format === undefined)
    words.push(`matches ${schema.pattern}`);
  if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`);
  return words;
}

/** Bounds that are never met in practice, such as those of a safe integer, are left out. */
const saidMax = 1e15;

function pushRange(words: string[], least: number | undefined, most: number | undefined, unit: string): void {
  const from = least !== undefined && Math.abs(least) < saidMax ? numberWords(least) : null;
  const to = most !== undefined && Math.abs(most) < saidMax ? numberWords(most) : null;
  if (from !== null && from === to) words.push(`exactly ${from}${unit}`);
  else if (from !== null && to !== null) words.push(`${from}–${to}${unit}`);
  else if (from !== null) words.push(`at least ${from}${unit}`);
  else if (to !== null) words.push(`at most ${to}${unit}`);
}

function numberWords(value: number): string {
  return Number.isInteger(value) && value >= 0 ? groupThousands(value) : String(value);
}
