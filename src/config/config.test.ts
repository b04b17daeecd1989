import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseConfig, readEnvFile } from './config.ts';

function mistakesOf(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

test('an empty environment gives the defaults', () => {
  const config = parseConfig({});
  assert.equal(config.port, 5000);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.databaseUrl, 'sqlite:./data/nozama.db');
  assert.equal(config.logFile, 'logs/app.log');
  assert.equal(config.demoStock, null);
  assert.equal(config.commitBatchMax, 256);
  assert.ok(Object.isFrozen(config));
});

test('the environment goes before the file, and an empty value counts as not given', () => {
  assert.equal(parseConfig({ PORT: '1' }, { PORT: '2' }).port, 1);
  assert.equal(parseConfig({}, { PORT: '2' }).port, 2);
  assert.equal(parseConfig({ QUEUE_DEPTH_MAX: '' }).queueDepthMax, 10_000);
  assert.equal(parseConfig({ LOG_FILE: '' }).logFile, null);
});

test('every mistake is reported at once, with what is expected', () => {
  const text = mistakesOf({
    PORT: '70000',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://x',
    CORS_ORIGINS: 'https://a.example/path',
    TRUST_PROXY: 'yes',
    COMMIT_BATCH_MAX: '0',
    DEMO_STOCK: '-1',
    PUBLIC_URL: 'shop.example',
  });
  for (const name of [
    'PORT',
    'LOG_LEVEL',
    'DATABASE_URL',
    'CORS_ORIGINS',
    'TRUST_PROXY',
    'COMMIT_BATCH_MAX',
    'DEMO_STOCK',
    'PUBLIC_URL',
  ]) {
    assert.match(text, new RegExp(`^${name} must be .*, not ".*"\\.`, 'm'));
  }
  assert.equal(text.split('\n').length, 8);
});

test('a secret is never printed', () => {
  assert.doesNotMatch(mistakesOf({ ORDER_KEY_SECRET: 'too-short-secret' }), /too-short-secret/);
  assert.match(mistakesOf({ ORDER_KEY_SECRET: 'too-short-secret' }), /^ORDER_KEY_SECRET must be at least 32/);
});

test('lists and addresses are tidied', () => {
  const config = parseConfig({
    CORS_ORIGINS: ' https://a.example , http://localhost:3000,',
    PUBLIC_URL: 'https://shop.example/',
  });
  assert.deepEqual(config.corsOrigins, ['https://a.example', 'http://localhost:3000']);
  assert.equal(config.publicUrl, 'https://shop.example');
});

test('a database address that could mean two files is refused', () => {
  for (const url of ['sqlite://data/nozama.db', 'sqlite:///data/nozama.db', 'sqlite:'])
    assert.match(mistakesOf({ DATABASE_URL: url }), /^DATABASE_URL must be /, url);
  for (const url of ['sqlite:./data/nozama.db', 'sqlite:/data/nozama.db', 'sqlite:nozama.db'])
    assert.equal(mistakesOf({ DATABASE_URL: url }), '');
});

test('a public address that would break out of a link or a header is refused', () => {
  for (const url of [
    'https://shop.example/"><script>',
    'https://shop.example/a b',
    'https://shop.example/\r\nSet-Cookie: a=b',
    'https://me:secret@shop.example',
    'https://SHOP.example/../x',
    'https://shop.example/?a=b',
  ])
    assert.match(mistakesOf({ PUBLIC_URL: url }), /^PUBLIC_URL must be /, url);
  for (const url of ['https://shop.example', 'https://shop.example/nozama/', 'http://localhost:5000'])
    assert.equal(mistakesOf({ PUBLIC_URL: url }), '');
});

test('a password in an address is not printed', () => {
  // However it was mistyped: a password with a slash in it, a slash too few before it.
  for (const url of [
    'oracle://me:hunter2@db.example/shop',
    'oracle://me:hu/nter2@db',
    'oracle:/me:hunter2@db',
  ]) {
    const text = mistakesOf({ DATABASE_URL: url });
    assert.match(text, /^DATABASE_URL must be .*, not the value that was given/m);
    assert.doesNotMatch(text, /nter2/);
  }
  const text = mistakesOf({ PUBLIC_URL: 'https://me:hu/nter2@shop.example' });
  assert.doesNotMatch(text, /nter2/);
});

test('a missing .env file says nothing', () => {
  assert.deepEqual(readEnvFile('/nowhere/.env'), {});
});
