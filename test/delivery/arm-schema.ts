/** Looks at a resource with Azure's published schema of its type: what is required, what is known, which type and which of the named values. */
import { type ArmFact, ofEvery, ownParts, rootOf } from './arm-facts.ts';
import { type ArmResource, argumentsAt } from './arm-template.ts';

/** The parts of JSON Schema that those files use. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface SchemaFile {
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly resourceDefinitions: Readonly<Record<string, Schema>>;
  readonly extension_resourceDefinitions?: Readonly<Record<string, Schema>>;
  readonly unknown_resourceDefinitions?: Readonly<Record<string, Schema>>;
}

/** What is wrong, one line each; null when no file describes the resource. */
export function mistakesIn(resource: ArmResource, files: readonly SchemaFile[]): string[] | null {
  const found = schemaOf(resource, files);
  return found === null ? null : mistakes(resource, found.schema, resource.type, found.file);
}

/** What the schemas say of all that a resource has. Expressions too. */
export function factsOf(resource: ArmResource, files: readonly SchemaFile[]): Map<string, ArmFact> {
  const facts = new Map<string, ArmFact>();
  const found = schemaOf(resource, files);
  if (found === null) return facts;
  collectFacts(ownParts(resource), found.schema, rootOf(resource), found.file, facts);
  return facts;
}

function schemaOf(
  resource: ArmResource,
  files: readonly SchemaFile[],
): { readonly schema: Schema; readonly file: SchemaFile } | null {
  for (const file of files) {
    const all = {
      ...file.resourceDefinitions,
      ...file.extension_resourceDefinitions,
      ...file.unknown_resourceDefinitions,
    };
    const schema = Object.values(all).find(
      ({ properties }) =>
        properties?.['type']?.enum?.includes(resource.type) &&
        properties['apiVersion']?.enum?.includes(resource.apiVersion),
    );
    if (schema === undefined) continue;
    const { properties = {}, ...rest } = schema;
    const head = Object.fromEntries(ofEvery.filter((key) => !(key in properties)).map((key) => [key, {}]));
    return { schema: { ...rest, properties: { ...properties, ...head } }, file };
  }
  return null;
}

const definitions = '#/definitions/';

function isReference({ $ref }: Schema): boolean {
  return $ref?.startsWith(definitions) === true;
}

function definitionOf({ $ref = '' }: Schema, file: SchemaFile): Schema | undefined {
  return file.definitions[$ref.slice(definitions.length)];
}

function mistakes(value: unknown, schema: Schema, path: string, file: SchemaFile): string[] {
  if (isReference(schema)) {
    const target = definitionOf(schema, file);
    return target ? mistakes(value, target, path, file) : [`${path}: the schema has no ${schema.$ref}`];
  }
  // What an expression gives is known to Azure alone; but a text that is put together is a text.
  if (typeof value === 'string' && value.startsWith('[')) {
    argumentsAt(`(${value.slice(1, -1)})`, 0);
    return [];
  }
  if (schema.$ref !== undefined) return [`${path}: an expression is expected`];
  if (schema.oneOf) {
    const { oneOf, properties, required = [] } = schema;
    const results = oneOf
      .filter(({ $ref }) => !$ref?.startsWith('http'))
      .map((option) => {
        const whole = properties
          ? { ...option, allOf: [...(option.allOf ?? []), { properties, required }] }
          : option;
        return mistakes(value, whole, path, file);
      });
    return results.toSorted((one, other) => depth(other) - depth(one) || one.length - other.length)[0] ?? [];
  }
  if (schema.enum && !schema.enum.includes(value))
    return [`${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`];
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? ofText(value, schema, path) : [`${path}: a text is expected`];
    case 'integer':
    case 'number':
      if (typeof value !== 'number') return [`${path}: a number is expected`];
      return value < (schema.minimum ?? value) || value > (schema.maximum ?? value)
        ? [`${path}: ${value} is out of range`]
        : [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: true or false is expected`];
    case 'array':
      if (!Array.isArray(value)) return [`${path}: a list is expected`];
      return value.flatMap((item, index) => mistakes(item, schema.items ?? {}, `${path}[${index}]`, file));
    default:
      return schema.properties || schema.additionalProperties || schema.allOf
        ? ofObject(value, schema, path, file)
        : [];
  }
}

/** The option of a oneOf that was meant is the one that the value got furthest into, or that it fits. */
function depth(found: readonly string[]): number {
  return found.length === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(...found.map((line) => line.split(':')[0]?.length ?? 0));
}

function ofText(value: string, schema: Schema, path: string): string[] {
  const fits =
    value.length >= (schema.minLength ?? 0) &&
    value.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
    (schema.pattern === undefined || new RegExp(schema.pattern).test(value));
  return fits ? [] : [`${path}: ${value} has not the form ${schema.pattern ?? 'or length'} that is expected`];
}

function ofObject(value: unknown, schema: Schema, path: string, file: SchemaFile): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path}: an object is expected`];
  const given = value as Readonly<Record<string, unknown>>;
  const parts = [
    schema,
    ...(schema.allOf ?? []).map((part) => (part.$ref ? (definitionOf(part, file) ?? {}) : part)),
  ];
  const known = Object.assign({}, ...parts.map(({ properties }) => properties)) as Record<string, Schema>;
  const missing = parts.flatMap(({ required = [] }) => required).filter((key) => !(key in given));
  return [
    ...missing.map((key) => `${path}: ${key} is missing`),
    ...Object.entries(given).flatMap(([key, inner]) => {
      const property = known[key];
      if (property) return mistakes(inner, property, `${path}.${key}`, file);
      const { additionalProperties = false } = schema;
      if (additionalProperties === false) return [`${path}: ${key} is not known`];
      return additionalProperties === true
        ? []
        : mistakes(inner, additionalProperties, `${path}.${key}`, file);
    }),
  ];
}

const factTypes: Readonly<Record<string, ArmFact['type']>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
};

function collectFacts(
  value: unknown,
  given: Schema,
  path: string,
  file: SchemaFile,
  facts: Map<string, ArmFact>,
): void {
  const schema = resolve(value, given, path, file);
  const parts = [schema, ...(schema.allOf ?? []).map((part) => resolve(value, part, path, file))];
  // The resource itself comes first.
  const notOwn = facts.size === 0 ? ofEvery : [];
  const required = parts.flatMap((part) => part.required ?? []).filter((key) => !notOwn.includes(key));
  const properties = Object.assign({}, ...parts.map((part) => part.properties)) as Record<string, Schema>;
  const { additionalProperties = false } = schema;
  const isObject = parts.some((part) => part.properties !== undefined) || schema.type === 'object';
  const min = schema.minimum ?? schema.minLength;
  const max = schema.maximum ?? schema.maxLength;
  facts.set(path, {
    type: factTypes[schema.type ?? (isObject ? 'object' : schema.enum ? 'string' : '')] ?? 'any',
    ...(schema.enum?.includes(value) ? { values: valuesWith(value, facts.get(path)) } : {}),
    ...(schema.pattern === undefined ? {} : { pattern: schema.pattern }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(required.length === 0 ? {} : { required }),
    ...(additionalProperties === false ? {} : { isOpen: true }),
  });
  if (Array.isArray(value)) {
    for (const item of value) collectFacts(item, schema.items ?? {}, `${path}[]`, file, facts);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const property = properties[key];
      if (property) collectFacts(inner, property, `${path}.${key}`, file, facts);
      else if (typeof additionalProperties === 'object')
        collectFacts(inner, additionalProperties, `${path}.*`, file, facts);
      else facts.set(`${path}.*`, { type: 'any' });
    }
  }
}

/** Of those that the schema allows, the ones that the template uses. */
function valuesWith(value: unknown, before: ArmFact | undefined): unknown[] {
  return [...new Set([...(before?.values ?? []), value])].toSorted();
}

/** Past references, and the option of a oneOf that the value fits. */
function resolve(value: unknown, schema: Schema, path: string, file: SchemaFile): Schema {
  if (isReference(schema)) return resolve(value, definitionOf(schema, file) ?? {}, path, file);
  if (schema.oneOf === undefined) return schema;
  const options = schema.oneOf.filter(({ $ref }) => !$ref?.startsWith('http'));
  const fitting = options.find((option) => mistakes(value, option, path, file).length === 0) ?? options[0];
  const { oneOf: _, ...rest } = schema;
  if (fitting === undefined) return rest;
  const chosen = resolve(value, fitting, path, file);
  return rest.properties ? { ...chosen, allOf: [...(chosen.allOf ?? []), rest] } : chosen;
}
