/**
 * The template against the schemas that Azure publishes. They are 2 MB of others' work and not kept here; what they say of what the
 * template uses is, in arm-facts.json. ARM_SCHEMAS names a checkout of https://github.com/Azure/azure-resource-manager-schemas (MIT
 * licence) to hold the template against the schemas themselves, and to write those facts anew when the template has got another part.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type ArmFact, type ArmFacts, mistakesByFacts } from './arm-facts.ts';
import { factsOf, mistakesIn, type SchemaFile } from './arm-schema.ts';
import type { ArmResource, ArmTemplate } from './arm-template.ts';

const checkout = process.env['ARM_SCHEMAS'];
const factsFile = join(import.meta.dirname, 'arm-facts.json');
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const { resources } = read(join(import.meta.dirname, '../../deploy/azure/ARM_IaC.json')) as ArmTemplate;

/** Two resources of one type may have different ones of the values that are allowed. */
function withValuesOf(fact: ArmFact, before: ArmFact | undefined): ArmFact {
  if (fact.values === undefined) return fact;
  return { ...fact, values: [...new Set([...(before?.values ?? []), ...fact.values])].toSorted() };
}

describe('the template', () => {
  it('fits the published schemas', {
    skip: checkout === undefined && 'ARM_SCHEMAS names no checkout',
  }, () => {
    const facts = new Map<string, ArmFact>();
    for (const resource of resources) {
      const [provider = ''] = resource.type.split('/');
      const version = join(checkout ?? '', 'schemas', resource.apiVersion);
      const files = readdirSync(version)
        .filter((name) => name.startsWith(`${provider}.`))
        .map((name) => read(join(version, name)) as SchemaFile);
      const found = mistakesIn(resource, files);
      assert.ok(found, `no schema for ${resource.type}@${resource.apiVersion} in ${version}`);
      assert.deepEqual(found, [], resource.name);
      for (const [path, fact] of factsOf(resource, files))
        facts.set(path, withValuesOf(fact, facts.get(path)));
    }
    const { source } = read(factsFile);
    const sorted = Object.fromEntries([...facts].sort(([one], [other]) => (one < other ? -1 : 1)));
    writeFileSync(factsFile, `${JSON.stringify({ source, facts: sorted }, null, 2)}\n`);
  });

  const { facts } = read(factsFile) as { facts: ArmFacts };

  it('fits what was looked up in them', () => {
    for (const resource of resources) assert.deepEqual(mistakesByFacts(resource, facts), [], resource.name);
  });

  it('is refused with a property, a value or a type that Azure does not know, and without one that it needs', () => {
    const site = resources.find(({ type }) => type === 'Microsoft.Web/sites') ?? assert.fail('no site');
    const role = resources.find(({ type }) => type.endsWith('/roleAssignments')) ?? assert.fail('no role');
    const setting = (resource: ArmResource, properties: Record<string, unknown>) =>
      mistakesByFacts(
        { ...resource, properties: { ...resource.properties, ...properties } } as ArmResource,
        facts,
      );
    assert.match(
      setting(site, { httpOnly: true })[0] ?? '',
      /sites@.*\.properties\.httpOnly was not looked up/,
    );
    assert.match(setting(site, { httpsOnly: 'yes' })[0] ?? '', /httpsOnly is string, and must be boolean/);
    assert.match(
      setting(role, { principalType: 'Servant' })[0] ?? '',
      /principalType is Servant, and only ServicePrincipal was looked up/,
    );
    const { properties: _, ...bare } = site;
    assert.deepEqual(mistakesByFacts(bare, facts), [
      `Microsoft.Web/sites@${site.apiVersion}.properties is missing`,
    ]);
  });
});
