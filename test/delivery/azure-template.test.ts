/** Reads the Azure template without Azure: its references resolve, and everything but the site stays private. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { settingNames } from '../../src/config/setting-groups.ts';
import {
  type ArmResource,
  type ArmTemplate,
  argumentsAt,
  callsOf,
  expressionOf,
  idOf,
  textsIn,
} from './arm-template.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const template = JSON.parse(read('deploy/azure/ARM_IaC.json')) as ArmTemplate;
const { parameters, variables, resources, outputs } = template;

const ofType = (type: string) => resources.filter((resource) => resource.type === type);
const only = (type: string): ArmResource => {
  const [first, ...others] = ofType(type);
  assert.ok(first && others.length === 0, `one ${type}, not ${others.length + 1}`);
  return first;
};
/** A property by its path, such as network.publicNetworkAccess. */
const at = ({ properties }: ArmResource, path: string) =>
  path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], properties);
const site = () => only('Microsoft.Web/sites');
const slot = () => only('Microsoft.Web/sites/slots');
const database = () => only('Microsoft.DBforPostgreSQL/flexibleServers');
const vault = () => only('Microsoft.KeyVault/vaults');
const expressionsIn = (value: unknown) => textsIn(value).filter((text) => text.startsWith('['));

describe('the parameters', () => {
  it('all have a default', () => {
    for (const [name, { defaultValue }] of Object.entries(parameters))
      assert.notEqual(defaultValue, undefined, name);
  });
});

describe('references', () => {
  it('stand in expressions whose brackets close', () => {
    for (const text of expressionsIn(template))
      assert.doesNotThrow(() => argumentsAt(`(${text.slice(1, -1)})`, 0));
  });

  it('use every parameter and variable, and no other', () => {
    const mentioned = (kind: string) =>
      new Set(
        expressionsIn(template).flatMap((text) =>
          callsOf(kind, text).map((call) => call.split("'")[1] ?? ''),
        ),
      );
    assert.deepEqual([...mentioned('parameters')].toSorted(), Object.keys(parameters).toSorted());
    assert.deepEqual([...mentioned('variables')].toSorted(), Object.keys(variables).toSorted());
  });

  it('name resources that exist, each once, and wait for those they name', () => {
    const byId = new Map(resources.map((resource) => [idOf(resource), resource]));
    assert.equal(byId.size, resources.length, 'two resources with one name');
    const waitsFor = (resource: ArmResource): Set<string> =>
      new Set(
        (resource.dependsOn ?? []).flatMap((text) => {
          const other = byId.get(expressionOf(text));
          assert.ok(other, `${resource.type} depends on ${text}, which is not here`);
          return [expressionOf(text), ...waitsFor(other)];
        }),
      );
    for (const resource of resources) {
      const before = waitsFor(resource);
      const { dependsOn, name, ...rest } = resource;
      for (const call of [...expressionsIn(rest), name].flatMap((text) => callsOf('resourceId', text))) {
        assert.ok(byId.has(call), `${resource.type} names ${call}, which is not here`);
        assert.ok(before.has(call), `${resource.type} does not wait for ${call}`);
      }
    }
    const outputCalls = expressionsIn(outputs).flatMap((text) => callsOf('resourceId', text));
    for (const call of outputCalls) assert.ok(byId.has(call), call);
  });

  it('name subnets that the network has', () => {
    const subnets = (at(only('Microsoft.Network/virtualNetworks'), 'subnets') as { name: string }[]).map(
      ({ name }) => name,
    );
    const named = expressionsIn(resources).flatMap((text) =>
      [...text.matchAll(/\/subnets\/(\w+)/g)].map(([, name]) => name),
    );
    assert.deepEqual([...new Set(named)].toSorted(), subnets.toSorted());
  });
});

describe('secrets', () => {
  const secure = Object.entries(parameters).filter(([, { type }]) => /^secure/i.test(type));

  it('are new in each deployment, and stand in no default, variable or output', () => {
    assert.deepEqual(
      secure.map(([name, { defaultValue }]) => [name, defaultValue]),
      [['databasePassword', '[newGuid()]']],
    );
    for (const name of Object.keys(parameters)) {
      if (/password|secret|token/i.test(name))
        assert.ok(
          secure.some(([other]) => other === name),
          `${name} is not secure`,
        );
    }
    assert.doesNotMatch(
      JSON.stringify([variables, outputs]),
      /databasePassword|list\w*\(|secretUri|vaults\/secrets/i,
    );
  });

  it('go to the server and the vault alone, the same to both', () => {
    const value = "[format('Nz-{0}', parameters('databasePassword'))]";
    const secret = only('Microsoft.KeyVault/vaults/secrets');
    assert.equal(at(secret, 'value'), value);
    assert.equal(at(database(), 'administratorLoginPassword'), value);
    assert.equal(textsIn(resources).filter((text) => text.includes('databasePassword')).length, 2);
    assert.ok(
      secret.dependsOn?.includes(`[${idOf(database())}]`),
      'a password is kept before the server has taken it',
    );
  });

  it('reach the site by the version that this deployment made', () => {
    const secret = only('Microsoft.KeyVault/vaults/secrets');
    const reference = `format('@Microsoft.KeyVault(SecretUri={0})', reference(${idOf(secret)}, '${secret.apiVersion}').secretUriWithVersion)`;
    for (const app of [site(), slot()]) {
      assert.equal(
        at(app, 'siteConfig.appSettings'),
        `[concat(variables('settings'), createArray(createObject('name', 'DATABASE_PASSWORD', 'value', ${reference})))]`,
      );
      assert.equal(
        at(app, 'keyVaultReferenceIdentity'),
        `[${idOf(only('Microsoft.ManagedIdentity/userAssignedIdentities'))}]`,
      );
    }
  });

  it('may be read by the site and changed by nobody: one role, on the vault alone', () => {
    const role = only('Microsoft.Authorization/roleAssignments');
    assert.equal(role.scope, `[${idOf(vault())}]`);
    assert.equal(at(role, 'roleDefinitionId'), "[variables('vaultSecretsUser')]");
    assert.equal(
      variables['vaultSecretsUser'],
      "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-875e-0445c86b69e6')]",
    );
    assert.equal(at(role, 'principalType'), 'ServicePrincipal');
    assert.ok(site().dependsOn?.includes(`[${idOf(role)}]`), 'the site starts before it may read');
  });
});

describe('the network', () => {
  it('shows nothing but the site and its slot to the public', () => {
    const open = resources.flatMap((resource) => {
      const found = [...JSON.stringify(resource).matchAll(/"publicNetworkAccess":"(\w+)"/g)].map(
        ([, value]) => value,
      );
      return found.every((value) => value === 'Disabled') ? [] : [resource.type];
    });
    assert.deepEqual(open, ['Microsoft.Web/sites', 'Microsoft.Web/sites/slots']);
    assert.equal(at(database(), 'network.publicNetworkAccess'), 'Disabled');
    assert.equal(at(vault(), 'publicNetworkAccess'), 'Disabled');
    assert.equal(at(vault(), 'networkAcls.defaultAction'), 'Deny');
    assert.equal(
      at(only('Microsoft.OperationalInsights/workspaces'), 'publicNetworkAccessForIngestion'),
      'Disabled',
    );
    assert.deepEqual(ofType('Microsoft.Network/publicIPAddresses'), []);
    assert.deepEqual(ofType('Microsoft.DBforPostgreSQL/flexibleServers/firewallRules'), []);
  });

  it('has a private name for the database and the vault, known in the network before they are used', () => {
    const link = ofType('Microsoft.Network/privateDnsZones/virtualNetworkLinks').map(
      (found) => `[${idOf(found)}]`,
    );
    assert.equal(link.length, 2);
    const waited = [...(database().dependsOn ?? []), ...(site().dependsOn ?? [])];
    for (const id of link) assert.ok(waited.includes(id), id);
    assert.match(String(at(database(), 'network.delegatedSubnetResourceId')), /\/subnets\/database'/);
  });
});

describe('the site', () => {
  it('is reached by TLS alone, and deployed to by nothing but Azure itself', () => {
    const expected = {
      httpsOnly: true,
      'siteConfig.minTlsVersion': '1.2',
      'siteConfig.scmMinTlsVersion': '1.2',
      'siteConfig.ftpsState': 'Disabled',
      'siteConfig.scmIpSecurityRestrictionsDefaultAction': 'Deny',
      'siteConfig.vnetRouteAllEnabled': true,
      'siteConfig.alwaysOn': true,
      'siteConfig.healthCheckPath': '/readyz',
      'siteConfig.linuxFxVersion': "[format('DOCKER|{0}', parameters('dockerImage'))]",
    };
    for (const app of [site(), slot()]) {
      for (const [path, value] of Object.entries(expected))
        assert.equal(at(app, path), value, `${app.type}: ${path}`);
    }
    // An alert on the slot would fire whenever a new version fails there.
    for (const alert of ofType('Microsoft.Insights/metricAlerts'))
      assert.deepEqual(at(alert, 'scopes'), [`[${idOf(site())}]`]);
    const policies = resources.filter(({ type }) => type.endsWith('/basicPublishingCredentialsPolicies'));
    assert.equal(policies.length, 4);
    for (const policy of policies) assert.equal(at(policy, 'allow'), false);
  });

  it('has a slot like itself, with the name that scripts/deploy.sh and the workflow use', () => {
    const { name, type, dependsOn, ...rest } = slot();
    const { name: siteName, type: siteType, dependsOn: siteDependsOn, ...siteRest } = site();
    assert.deepEqual(rest, siteRest);
    const [, fallback] = /^slot=\$\{SLOT:-(\w+)\}$/m.exec(read('scripts/deploy.sh')) ?? [];
    assert.equal(name, `[format('{0}/{1}', ${expressionOf(siteName)}, '${fallback}')]`);
    assert.doesNotMatch(
      read('.github/workflows/continuousdelivery.yml'),
      /^ *SLOT:/m,
      'the workflow names another',
    );
  });

  it('has settings that the service understands, and that suit the image and App Service', () => {
    const settings = Object.fromEntries(
      (variables['settings'] as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value.replace(/^\[format\('([^']*)', variables\('databaseServerName'\)\)\]$/, (_, pattern: string) =>
          pattern.replace('{0}', 'db'),
        ),
      ]),
    );
    for (const name of Object.keys(settings))
      assert.ok(settingNames.includes(name) || /^WEBSITES?_/.test(name), name);
    const config = parseConfig(settings);
    const dockerfile = read('Dockerfile');
    assert.equal(settings['WEBSITES_PORT'], String(config.port));
    assert.ok(dockerfile.includes(`EXPOSE ${config.port}`), 'the image listens elsewhere');
    assert.match(dockerfile, /^USER 65532:65532$/m);
    assert.equal(config.host, '0.0.0.0');
    assert.ok(config.trustProxy, "cookies would not be secure behind App Service's front end");
    assert.ok(config.idleTimeoutMs > 240_000, 'the service would hang up before the balancer');
    const stopMs = Number(settings['WEBSITES_CONTAINER_STOP_TIME_LIMIT']) * 1_000;
    assert.ok(
      config.shutdownDelayMs > 0 && config.shutdownDelayMs + config.shutdownTimeoutMs < stopMs,
      'killed while stopping',
    );
    assert.equal(settings['WEBSITE_SWAP_WARMUP_PING_PATH'], '/readyz');
    const url = new URL(config.databaseUrl);
    assert.equal(url.username, at(database(), 'administratorLogin'));
    assert.equal(url.hostname, 'db.postgres.database.azure.com');
    assert.equal(url.password, '');
    assert.equal(url.searchParams.get('sslmode'), 'verify-full');
    const shop = only('Microsoft.DBforPostgreSQL/flexibleServers/databases');
    assert.ok(shop.name.endsWith(`, '${url.pathname.slice(1)}')]`), shop.name);
    assert.equal(at(shop, 'charset'), 'UTF8');
  });
});

describe('what is kept', () => {
  it('can be brought back: the database for two weeks, the vault against its deletion', () => {
    assert.equal(at(database(), 'backup.backupRetentionDays'), 14);
    assert.equal(
      at(database(), 'highAvailability.mode'),
      "[if(parameters('zoneRedundant'), 'ZoneRedundant', 'Disabled')]",
    );
    assert.equal(at(vault(), 'enablePurgeProtection'), true);
    assert.equal(at(vault(), 'enableRbacAuthorization'), true);
  });

  it('is logged without the addresses of shoppers', () => {
    const watched = ofType('Microsoft.Insights/diagnosticSettings').map(({ scope }) => scope);
    assert.deepEqual(
      watched.toSorted(),
      [site(), slot(), database(), vault()].map((found) => `[${idOf(found)}]`).toSorted(),
    );
    assert.doesNotMatch(JSON.stringify(resources), /AppServiceHTTPLogs|AppServiceIPSecAuditLogs|allLogs/);
    assert.equal(at(only('Microsoft.OperationalInsights/workspaces'), 'features.disableLocalAuth'), true);
  });
});
