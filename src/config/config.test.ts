import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { type EnvFile, parseEnvFile } from './env-file.ts';
import { settingNames } from './setting-groups.ts';

const file = (text: string): EnvFile => parseEnvFile(Buffer.from(text), '.env');

function mistakesOf(environment: Record<string, string>, envFile?: EnvFile): string {
  try {
    parseConfig(environment, envFile);
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
  assert.equal(parseConfig({ PORT: '1' }, file('PORT=2')).port, 1);
  assert.equal(parseConfig({}, file('PORT=2')).port, 2);
  assert.equal(parseConfig({ PORT: '' }, file('PORT=2')).port, 2);
  assert.equal(parseConfig({ LOG_FILE: '' }, file('LOG_FILE=a.log')).logFile, null);
  assert.equal(parseConfig({ QUEUE_DEPTH_MAX: '' }).queueDepthMax, 10_000);
  assert.equal(parseConfig({ LOG_FILE: '' }).logFile, null);
});

test('every mistake is reported at once, with what is expected', () => {
  const refused = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://x',
    CORS_ORIGINS: 'https://a.example/path',
    TRUST_PROXY: 'yes',
    COMMIT_BATCH_MAX: '0',
    DEMO_CATALOG: 'maybe',
    DEMO_STOCK: '-1',
    ORDERS_NEED_KEY: 'yes',
    RATE_LIMIT_KEY_PER_MINUTE: '0',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '10000001',
    PUBLIC_URL: 'shop.example',
  };
  const text = mistakesOf(refused);
  for (const name of Object.keys(refused)) {
    assert.match(text, new RegExp(`^${name} must be .*\\.$`, 'm'));
  }
  assert.equal(text.split('\n').length, Object.keys(refused).length);
});

test('a secret is never printed', () => {
  assert.doesNotMatch(mistakesOf({ ORDER_KEY_SECRET: 'too-short-secret' }), /too-short-secret/);
  assert.match(mistakesOf({ ORDER_KEY_SECRET: 'too-short-secret' }), /^ORDER_KEY_SECRET must be at least 32/);
});

test('lists and addresses are tidied', () => {
  const config = parseConfig({
    CORS_ORIGINS: 'https://a.example , http://localhost:3000,',
    PUBLIC_URL: 'https://shop.example/',
  });
  assert.deepEqual(config.corsOrigins, ['https://a.example', 'http://localhost:3000']);
  assert.equal(config.publicUrl, 'https://shop.example');
});

test('a database address that could mean two files is refused', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'sqlite://data/nozama.db': /has slashes/,
    'sqlite:///data/nozama.db': /has slashes/,
    'sqlite:': /names no file/,
    'sqlite::memory:': /would lose every order/,
    'sqlite:file:shop.db': /has "file:" in it/,
    'sqlite:shop.db?mode=ro': /has options after a "\?"/,
    'sqlite:~/shop.db': /begins with ~/,
    'sqlite:my%20shop.db': /%-encoded/,
    'sqlite:data/': /ends with a slash/,
    'sqlite:C:\\data\\': /ends with a slash/,
    'data/nozama.db': /must be a database such as/,
    'SQLITE:shop.db': /must be a database such as/,
  };
  for (const [url, said] of Object.entries(refused)) {
    const text = mistakesOf({ DATABASE_URL: url });
    assert.match(text, said, url);
    assert.match(text, /^DATABASE_URL /, url);
  }
  for (const url of [
    'sqlite:./data/nozama.db',
    'sqlite:/data/nozama.db',
    'sqlite:nozama.db',
    'sqlite:my shop #2.db',
    'sqlite:C:\\data\\nozama.db',
  ])
    assert.equal(mistakesOf({ DATABASE_URL: url }), '');
});

test('an empty text counts as not given, but where a database belongs it is refused', () => {
  assert.match(mistakesOf({ DATABASE_URL: '' }), /^DATABASE_URL is empty\./);
  assert.match(mistakesOf({}, file('DATABASE_URL=')), /^\.env, line 1: DATABASE_URL is empty\./);
  // Compose passes `${NAME:-}` on when NAME is not set.
  for (const name of settingNames.filter((each) => each !== 'DATABASE_URL' && each !== 'LOG_FILE')) {
    assert.deepEqual(parseConfig({ [name]: '' }), parseConfig({}), name);
    assert.deepEqual(parseConfig({}, file(`${name}=`)), parseConfig({}), name);
  }
  assert.equal(parseConfig({ ORDER_KEY_SECRET: '' }).orderKeySecret, null);
});

test('a text that was damaged on its way into the environment is refused, and is not printed', () => {
  const damaged: readonly (readonly [text: string, said: RegExp])[] = [
    ['hunter2\n', /line break/],
    ['hunter2\r', /line break/],
    ['hunt\0er2', /control character/],
    [' hunter2', /begins or ends with a space/],
    ['hunter2\u00a0', /begins or ends with a space/],
    ['"hunter2"', /has quotes around it/],
    ["'hunter2'", /has quotes around it/],
  ];
  for (const name of ['DATABASE_PASSWORD', 'LOG_FILE', 'PUBLIC_URL'])
    for (const [text, said] of damaged) {
      const mistake = mistakesOf({ [name]: text });
      assert.match(mistake, said, name);
      assert.ok(mistake.startsWith(`${name} `), mistake);
      assert.doesNotMatch(mistake, /hunt/);
    }
});

test('a mistake in the file is told with its line', () => {
  assert.match(
    mistakesOf({}, file('# ours\n\nPORT=70000')),
    /^\.env, line 3: PORT must be a port from 0 to 65535, not "70000"\./,
  );
});

test('a public address that would break out of a link or a header is refused', () => {
  for (const url of [
    'https://shop.example/"><script>',
    'https://shop.example/a b',
    'https://me:secret@shop.example',
    'https://SHOP.example/../x',
    'https://shop.example/?a=b',
  ])
    assert.match(mistakesOf({ PUBLIC_URL: url }), /^PUBLIC_URL must be /, url);
  for (const url of ['https://shop.example', 'https://shop.example/nozama/', 'http://localhost:5000'])
    assert.equal(mistakesOf({ PUBLIC_URL: url }), '');
  for (const path of ['b%C3%BCro', 'a;b', "it's", ':sku', '*', 'a//b', 'a,b', '(a)'])
    assert.match(
      mistakesOf({ PUBLIC_URL: `https://host.example/${path}` }),
      /^PUBLIC_URL has a path with other characters than letters, digits and - \. _ ~/,
      path,
    );
});

test('a password in an address is not printed', () => {
  // However it was mistyped: a password with a slash in it, a slash too few before it.
  for (const url of [
    'oracle://me:hunter2@db.example/shop',
    'oracle://me:hu/nter2@db',
    'oracle:/me:hunter2@db',
  ]) {
    const text = mistakesOf({ DATABASE_URL: url });
    assert.match(text, /^DATABASE_URL must be a database/m);
    assert.doesNotMatch(text, /nter2/);
  }
  const text = mistakesOf({ PUBLIC_URL: 'https://me:hu/nter2@shop.example' });
  assert.doesNotMatch(text, /nter2/);
});
