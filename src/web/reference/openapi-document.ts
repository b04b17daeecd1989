/**
 * As much of OpenAPI 3.1 and JSON Schema 2020-12 as the reference reads. Everything is optional and what
 * isn't known is passed over, because the document is generated.
 */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, PathItem>>;
  readonly components?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface PathItem {
  readonly parameters?: readonly Referable<Parameter>[];
  readonly [method: string]: unknown;
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Referable<Parameter>[];
  readonly requestBody?: Referable<RequestBody>;
  readonly responses?: Readonly<Record<string, Referable<Answer>>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface RequestBody {
  readonly description?: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Answer {
  readonly description?: string;
  readonly headers?: Readonly<
    Record<string, Referable<{ readonly description?: string; readonly schema?: Schema }>>
  >;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface MediaType {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<
    Record<string, Referable<{ readonly summary?: string; readonly value?: unknown }>>
  >;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** A thing or where to find it in the same document. */
export type Referable<T> = T | { readonly $ref: string };

/** More hops than any sane document has; ends a circle of references. */
const hopsMax = 8;

/** Follows `#/components/…` to the thing itself; null when it leads nowhere. */
export function resolveReference<T extends object>(
  document: OpenApiDocument,
  thing: Referable<T> | undefined,
): T | null {
  let found: unknown = thing;
  for (let hop = 0; hop < hopsMax; hop += 1) {
    if (typeof found !== 'object' || found === null) return null;
    if (!('$ref' in found) || typeof found.$ref !== 'string') return found as T;
    found = followPointer(document, found.$ref);
  }
  return null;
}

/** RFC 6901 in its URI fragment form. */
function followPointer(document: OpenApiDocument, pointer: string): unknown {
  if (!pointer.startsWith('#/')) return null;
  let found: unknown = document;
  for (const part of pointer.slice(2).split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
