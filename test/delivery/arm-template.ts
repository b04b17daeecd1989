/** Reads an ARM template: its resources, and the names in its expressions. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface ArmResource {
  readonly type: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly scope?: string;
  readonly dependsOn?: readonly string[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly [key: string]: unknown;
}

export interface ArmTemplate {
  readonly parameters: Readonly<Record<string, { readonly type: string; readonly defaultValue?: Json }>>;
  readonly variables: Readonly<Record<string, Json>>;
  readonly resources: readonly ArmResource[];
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly value: Json }>>;
}

/** All texts in a value, keys too, for these may be expressions as well. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}

/** Without its brackets; a plain text as ARM would quote it. */
export function expressionOf(text: string): string {
  return text.startsWith('[') ? text.slice(1, -1) : `'${text}'`;
}

/** The arguments of a call whose bracket is at `open`. @throws when they don't match */
export function argumentsAt(expression: string, open: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = open + 1;
  for (let at = open; at < expression.length; at += 1) {
    const character = expression[at] ?? '';
    if (character === "'") isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0 || (depth === 1 && character === ',')) {
      found.push(expression.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) return found;
  }
  throw new Error(`a bracket is not closed: ${expression}`);
}

/** Every call of a function within an expression, as it is written. */
export function callsOf(name: string, expression: string): string[] {
  return [...expression.matchAll(new RegExp(`(?<![\\w.'])${name}\\(`, 'g'))].map(({ index }) => {
    const parts = argumentsAt(expression, index + name.length);
    return `${name}(${parts.join(', ')})`;
  });
}

/** As others in the template must write it. */
export function idOf({ type, name, scope }: ArmResource): string {
  const expression = expressionOf(name);
  const names = /^format\('(\{\d\}\/)+\{\d\}'/.test(expression)
    ? argumentsAt(expression, 'format'.length).slice(1)
    : [expression];
  return scope === undefined
    ? `resourceId('${type}', ${names.join(', ')})`
    : `extensionResourceId(${expressionOf(scope)}, '${type}', ${names.join(', ')})`;
}
