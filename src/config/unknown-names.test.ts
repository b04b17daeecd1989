import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from './env-file.ts';
import { misspelledInEnvironment, strangeNamesWarning, unknownInFile } from './unknown-names.ts';

const inFile = (text: string) => unknownInFile(parseEnvFile(Buffer.from(text), '.env'), '.env');

test('a name in the file is known, of Compose, or refused with the nearest name', () => {
  assert.deepEqual(inFile('PORT=1\nAWS_REGION=x\nCOMPOSE_PROJECT_NAME=shop\nBACKUP_TO=/b'), []);
  for (const [name, near] of Object.entries({
    DATABASE_URI: 'DATABASE_URL',
    database_url: 'DATABASE_URL',
    NOZAMA_PORT: 'PORT',
    Port: 'PORT',
    PROT: 'PORT',
    LOGLEVEL: 'LOG_LEVEL',
    QUEUE_DEPTH: 'QUEUE_DEPTH_MAX',
    ORDER_KEYS_SECRET: 'ORDER_KEY_SECRET',
    DB_URL: 'DATABASE_URL',
  }))
    assert.match(
      inFile(`${name}=x`)[0] ?? '',
      new RegExp(`^\\.env, line 1: ${name} .*mean ${near}\\?$`),
      name,
    );
  assert.match(inFile('NODE_ENV=x')[0] ?? '', /NODE_ENV is not a setting of Nozama\. docs\/CONFIGURATION/);
  assert.match(inFile('TZ=x')[0] ?? '', /TZ is not a setting of Nozama\. docs\/CONFIGURATION/);
});

test('a guarded name in the environment is refused only when it is misspelled and not given', () => {
  const misspelled = (names: readonly string[], isGiven = false) =>
    misspelledInEnvironment(Object.fromEntries(names.map((name) => [name, 'x'])), () => isGiven).length;
  assert.equal(misspelled(['DATABASE_URI', 'ORDER_KEY_SECRETS', 'DATABASE_MIGRATE_ON_START']), 3);
  assert.equal(misspelled(['DATABASE_URI'], true), 0);
  assert.equal(
    misspelled(['DATABASE_URL', 'LOG_LEVELS', 'PORTS', 'POSTGRES_URL', 'DATABASE_PRIVATE_URL']),
    0,
  );
  assert.equal(misspelledInEnvironment({ DATABASE_URI: '' }, () => false).length, 0);
});

test('an environment as platforms make it is neither refused nor warned of', () => {
  const platforms = {
    PATH: '/bin',
    HOME: '/root',
    HOSTNAME: 'web-1',
    LOGNAME: 'root',
    USER: 'root',
    PWD: '/app',
    LANG: 'C',
    TZ: 'UTC',
    NODE_ENV: 'production',
    NOZAMA_PORT: 'tcp://10.0.0.1:5000',
    NOZAMA_PORT_5000_TCP_ADDR: '10.0.0.1',
    NOZAMA_SERVICE_HOST: '10.0.0.1',
    NOZAMA_SERVICE_PORT_HTTP: '5000',
    DATABASE_PORT: 'tcp://10.0.0.2:5432',
    DATABASE_SERVICE_HOST: '10.0.0.2',
    POSTGRES_URL: 'postgres://x',
    POSTGRES_PASSWORD: 'x',
    PGHOST: 'x',
    RAILWAY_PUBLIC_DOMAIN: 'x',
    HEROKU_APP_NAME: 'x',
    WEBSITES_PORT: '5000',
    WEBSITE_HOSTNAME: 'x',
    KUBERNETES_PORT: 'tcp://10.0.0.1:443',
    DYNO: 'web.1',
    PORT: '5000',
  };
  assert.deepEqual(
    misspelledInEnvironment(platforms, () => false),
    [],
  );
  assert.equal(strangeNamesWarning(platforms), null);
});

test('a name that looks like a setting is warned of, with the nearest name', () => {
  const warning = strangeNamesWarning({
    LOGLEVEL: 'x',
    DATABASE_PRIVATE_URL: 'x',
    OTEL_SDK_DISABLED: 'x',
    NOZAMA_COLOR: 'x',
  });
  for (const words of [
    'LOGLEVEL (did you mean LOG_LEVEL?)',
    'DATABASE_PRIVATE_URL',
    'OTEL_SDK_DISABLED',
    'NOZAMA_COLOR',
  ])
    assert.ok(warning?.includes(words), `${words}: ${warning}`);
});

test('a name in small letters beside the setting is the setting on Windows, and another one elsewhere', () => {
  assert.equal(strangeNamesWarning({ port: '80', PORT: '80' }), null);
  assert.match(strangeNamesWarning({ port: '80', PORT: '81' }) ?? '', /port \(did you mean PORT\?\)/);
});
