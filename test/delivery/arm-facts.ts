/**
 * What Azure's published schemas say of the parts of a template, by path: enough to hold the template against without them.
 * `arm-facts.json` has it, looked up in them by the test in azure-schemas.test.ts.
 */
import type { ArmResource } from './arm-template.ts';

/** Of the value at a path; `[]` is any item of a list, `*` any key that is free to choose. */
export interface ArmFact {
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'object' | 'any';
  /** What was looked up among the texts that are taken; another has to be looked up first. */
  readonly values?: readonly unknown[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  /** Properties that must be there. */
  readonly required?: readonly string[];
  /** Whether others than those with a fact may be there. */
  readonly isOpen?: boolean;
}

export type ArmFacts = Readonly<Record<string, ArmFact>>;

/** The resource manager reads these of every resource. */
export const ofEvery = ['type', 'apiVersion', 'name', 'scope', 'dependsOn', 'location'];

/** What only resources of its type have. */
export function ownParts(resource: ArmResource): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => !ofEvery.includes(key)));
}

export function rootOf({ type, apiVersion }: ArmResource): string {
  return `${type}@${apiVersion}`;
}

/** What is wrong, one line each. */
export function mistakesByFacts(resource: ArmResource, facts: ArmFacts): string[] {
  return mistakesAt(ownParts(resource), rootOf(resource), facts);
}

function mistakesAt(value: unknown, path: string, facts: ArmFacts): string[] {
  const fact = facts[path];
  if (fact === undefined) return [`${path} was not looked up in the published schemas`];
  // What an expression gives is known to Azure alone.
  if (fact.type === 'any' || (typeof value === 'string' && value.startsWith('['))) return [];
  const type = Array.isArray(value) ? 'list' : typeof value;
  if (type !== fact.type) return [`${path} is ${type}, and must be ${fact.type}`];
  if (Array.isArray(value)) return value.flatMap((item) => mistakesAt(item, `${path}[]`, facts));
  if (type === 'object') return mistakesOfObject(value as object, path, fact, facts);
  const { values, pattern, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = fact;
  if (values !== undefined && !values.includes(value))
    return [`${path} is ${value}, and only ${values.join(' and ')} was looked up`];
  if (pattern !== undefined && !new RegExp(pattern).test(String(value)))
    return [`${path} is ${value}, and must be as ${pattern}`];
  // Of a text it is its length.
  const size = typeof value === 'string' ? value.length : Number(value);
  return size < min || size > max ? [`${path} is out of its range from ${min} to ${max}`] : [];
}

function mistakesOfObject(value: object, path: string, fact: ArmFact, facts: ArmFacts): string[] {
  const missing = (fact.required ?? []).filter((key) => !Object.hasOwn(value, key));
  return [
    ...missing.map((key) => `${path}.${key} is missing`),
    ...Object.entries(value).flatMap(([key, inner]) =>
      mistakesAt(inner, fact.isOpen && !(`${path}.${key}` in facts) ? `${path}.*` : `${path}.${key}`, facts),
    ),
  ];
}
