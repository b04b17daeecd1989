/** A configuration is read as it was meant, or refused with a sentence: no other shop is opened instead. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli, startService } from '../service.ts';

const parent = mkdtempSync(join(tmpdir(), 'nozama-configuration-'));
after(() => rmSync(parent, { recursive: true, force: true }));

type Variables = Readonly<Record<string, string>>;

function folderWith(envFile: string | Buffer | null): string {
  const dir = mkdtempSync(join(parent, 'shop-'));
  if (envFile !== null) writeFileSync(join(dir, '.env'), envFile);
  return dir;
}

/** `migrate` makes the database that it is configured for, and ends. */
async function migrate(envFile: string | Buffer | null, env: Variables = {}) {
  const dir = folderWith(envFile);
  const { code, output } = await runCli(['migrate'], { dir, env: { LOG_FILE: '', ...env } });
  return { code, output, dir };
}

async function assertOpens(file: string, envFile: string | Buffer, env: Variables = {}): Promise<void> {
  const { code, output, dir } = await migrate(envFile, env);
  assert.equal(code, 0, output);
  assert.ok(existsSync(join(dir, file)), `${file} is not in ${readdirSync(dir)}`);
  assert.ok(!existsSync(join(dir, 'data')), 'the default database was made');
}

async function assertRefused(
  said: RegExp,
  envFile: string | Buffer | null,
  env: Variables = {},
): Promise<void> {
  const { code, output, dir } = await migrate(envFile, env);
  assert.equal(code, 2, output);
  assert.match(output, said);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name !== '.env'),
    [],
    'something was made',
  );
}

describe('a .env file', () => {
  const named = 'DATABASE_URL=sqlite:own.db\n';

  it('is read in UTF-8 with and without a byte order mark', async () => {
    await assertOpens('own.db', named);
    await assertOpens('own.db', `\ufeff${named}`);
  });

  it('is read in UTF-16 with its byte order mark, as PowerShell writes it', async () => {
    await assertOpens('own.db', Buffer.from(`\ufeff${named}`, 'utf16le'));
    await assertOpens('own.db', Buffer.from(`\ufeff${named}`, 'utf16le').swap16());
  });

  it('is refused in UTF-16 without one', async () => {
    await assertRefused(/^\.env, line 1: .*UTF-8/m, Buffer.from(named, 'utf16le'));
  });

  it('is refused with a name that Nozama does not know, by its line and with the nearest name', async () => {
    await assertRefused(
      /^\.env, line 2: DATABASE_URI is not a setting.*DATABASE_URL/m,
      '\nDATABASE_URI=sqlite:own.db\n',
    );
    await assertRefused(/^\.env, line 1: database_url .*DATABASE_URL/m, 'database_url=sqlite:own.db\n');
  });

  it('may hold names of other programs, which the log tells to have no effect', async () => {
    const others = 'TZ=Europe/Berlin\nNODE_ENV=production\nHTTPS_PROXY=http://proxy:3128\nRUNTIME=node\n';
    await assertOpens('own.db', `${named}${others}POSTGRES_URL=postgres://elsewhere\n`);
    await assertRefused(/^\.env, line 1: DATABASE_USER is not a setting/m, 'DATABASE_USER=shop\n');
    const dir = folderWith(`${named}${others}`);
    await using service = await startService({ dir, env: { LOG_FILE: '' } });
    assert.match(service.logs(), /does not read: TZ, NODE_ENV, HTTPS_PROXY, RUNTIME\./);
  });

  it('is refused where a # could be a comment or not', async () => {
    await assertRefused(/^\.env, line 1: .*#.*quotes/m, 'DATABASE_URL=sqlite:own#2.db\n');
    await assertOpens('own#2.db', "DATABASE_URL='sqlite:own#2.db' # the second\n");
  });

  it('does not hide behind a variable that is empty', async () => {
    await assertRefused(/^\.env, line 1: QUEUE_DEPTH_MAX/m, 'QUEUE_DEPTH_MAX=seven\n', {
      QUEUE_DEPTH_MAX: '',
    });
  });
});

describe('DATABASE_URL', () => {
  it('is refused when it is empty', async () => {
    await assertRefused(/^DATABASE_URL is empty/m, null, { DATABASE_URL: '' });
    await assertRefused(/^\.env, line 1: DATABASE_URL is empty/m, 'DATABASE_URL=\n');
  });

  it('is refused when another name looks like it and it is not given', async () => {
    for (const name of [
      'DATABASE_URI',
      'DATABSE_URL',
      'database_url',
      'NOZAMA_DATABASE_URL',
      'DB_URL',
      'POSTGRES_URL',
    ])
      await assertRefused(new RegExp(`^${name} .*DATABASE_URL`, 'm'), null, { [name]: 'sqlite:own.db' });
  });

  it('names a file that is kept, and no options of another program', async () => {
    for (const url of [
      'sqlite::memory:',
      'sqlite:own.db?mode=ro',
      'sqlite:file:own.db',
      'sqlite:~/own.db',
      'sqlite:own%20shop.db',
      'sqlite:own/',
      'sqlite:///tmp/own.db',
    ])
      await assertRefused(/^DATABASE_URL /m, null, { DATABASE_URL: url });
  });
});

describe('an empty value', () => {
  it('counts as not given, as Compose passes it on', async () => {
    const { code, output } = await migrate('DATABASE_URL=sqlite:own.db\nORDER_KEY_SECRET=\n', {
      ORDER_KEY_SECRET: '',
      PUBLIC_URL: '',
      DEMO_STOCK: '',
    });
    assert.equal(code, 0, output);
  });
});

describe('the environment', () => {
  it('may hold names of others, and of Kubernetes and Railway', async () => {
    await assertOpens('own.db', '', {
      DATABASE_URL: 'sqlite:own.db',
      DATABASE_URI: 'mysql://elsewhere',
      DATABASE_PRIVATE_URL: 'postgres://railway',
      POSTGRES_PASSWORD: 'x',
      NOZAMA_PORT: 'tcp://10.0.0.1:5000',
      NOZAMA_SERVICE_HOST: '10.0.0.1',
    });
  });

  it('is warned of once when it holds a name that looks like a setting', async () => {
    const dir = folderWith(null);
    const env = { LOG_FILE: '', QUEUE_DEPTHS_MAX: '5', OTEL_SDK_DISABLED: 'true', DATABASE_POOL_SIZE: '9' };
    await using service = await startService({ dir, env });
    const warnings = service.logs().match(/^.*does not know and ignores.*$/gm) ?? [];
    assert.equal(warnings.length, 1, service.logs());
    for (const word of ['QUEUE_DEPTHS_MAX', 'QUEUE_DEPTH_MAX', 'OTEL_SDK_DISABLED', 'DATABASE_POOL_SIZE'])
      assert.ok(warnings[0]?.includes(word), `${word}: ${warnings[0]}`);
  });
});
