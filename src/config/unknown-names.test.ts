import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from './env-file.ts';
import {
  foreignNamesWarning,
  misspelledInEnvironment,
  strangeNamesWarning,
  unknownInFile,
} from './unknown-names.ts';

const fileWith = (text: string) => parseEnvFile(Buffer.from(text), '.env');
const inFile = (text: string, isGiven = false) => unknownInFile(fileWith(text), '.env', () => isGiven);

test('a name in the file that looks like one of ours is known, of Compose, or refused with the nearest name', () => {
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
    POSTGRES_URL: 'DATABASE_URL',
  }))
    assert.match(
      inFile(`${name}=x`)[0] ?? '',
      new RegExp(`^\\.env, line 1: ${name} .*mean ${near}\\?$`),
      name,
    );
  for (const name of ['DATABASE_USER', 'NOZAMA_COLOR'])
    assert.match(inFile(`${name}=x`)[0] ?? '', /is not a setting of Nozama\. docs\/CONFIGURATION/);
});

test('a name in the file that belongs to another program is warned of, and not refused', () => {
  const names = [
    'RUNTIME',
    'TZ',
    'NODE_ENV',
    'HTTPS_PROXY',
    'NO_PROXY',
    'POSTGRES_PASSWORD',
    'PGHOST',
    'SENTRY_DSN',
    'OTEL_SDK_DISABLED',
    'LANG',
    'VIRTUAL_HOST',
    'LETSENCRYPT_EMAIL',
    'DOMAIN',
    'SECRET_KEY',
  ];
  const text = names.map((name) => `${name}=x`).join('\n');
  assert.deepEqual(inFile(text), []);
  const warning = foreignNamesWarning(fileWith(`PORT=1\nCOMPOSE_PROJECT_NAME=x\n${text}`), '.env');
  assert.ok(warning?.includes(names.join(', ')), warning ?? 'none');
  assert.doesNotMatch(warning ?? '', /PORT|COMPOSE/);
  assert.equal(foreignNamesWarning(fileWith('PORT=1'), '.env'), null);
});

test('what others call a setting is refused in the file while the setting is not given', () => {
  for (const name of ['DATABASE_URI', 'POSTGRES_URL', 'DATABASE_PRIVATE_URL']) {
    assert.equal(inFile(`${name}=x`).length, 1, name);
    assert.deepEqual(inFile(`${name}=x`, true), [], name);
  }
  assert.equal(inFile('DATABSE_URL=x').length, 1);
});

test('a name near one of ours is that of another program when ours is there, too', () => {
  for (const name of ['OTEL_TRACES_SAMPLER', 'PORTS', 'HOSTS']) {
    assert.equal(inFile(`${name}=x`).length, 1, name);
    assert.deepEqual(inFile(`${name}=x`, true), [], name);
  }
  assert.equal(inFile('DATABASE_URLS=x', true).length, 1, 'this prefix is ours');
});

test('a guarded name in the environment is refused only when it is misspelled and not given', () => {
  const misspelled = (names: readonly string[], isGiven = false) =>
    misspelledInEnvironment(Object.fromEntries(names.map((name) => [name, 'x'])), () => isGiven).length;
  assert.equal(misspelled(['DATABASE_URI', 'ORDER_KEY_SECRETS', 'DATABASE_MIGRATE_ON_START']), 3);
  assert.equal(misspelled(['DATABASE_URI'], true), 0);
  assert.equal(misspelled(['POSTGRES_URL', 'DATABASE_PRIVATE_URL', 'PG_URL']), 3);
  assert.equal(misspelled(['DATABASE_URL', 'LOG_LEVELS', 'PORTS', 'POSTGRES_PASSWORD', 'PGHOST']), 0);
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
    DATABASE_URL: 'postgres://x',
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
    misspelledInEnvironment(platforms, ({ name }) => name in platforms),
    [],
  );
  assert.equal(strangeNamesWarning(platforms), null);
});

test('a name that looks like a setting is warned of, with the nearest name', () => {
  const warning = strangeNamesWarning({
    LOGLEVEL: 'x',
    DATABASE_POOL_SIZE: 'x',
    OTEL_SDK_DISABLED: 'x',
    NOZAMA_COLOR: 'x',
  });
  for (const words of [
    'LOGLEVEL (did you mean LOG_LEVEL?)',
    'DATABASE_POOL_SIZE',
    'OTEL_SDK_DISABLED',
    'NOZAMA_COLOR',
  ])
    assert.ok(warning?.includes(words), `${words}: ${warning}`);
});

test('a name in small letters beside the setting is the setting on Windows, and another one elsewhere', () => {
  assert.equal(strangeNamesWarning({ port: '80', PORT: '80' }), null);
  assert.match(strangeNamesWarning({ port: '80', PORT: '81' }) ?? '', /port \(did you mean PORT\?\)/);
});
