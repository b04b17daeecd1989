/** Messages for an operator when the database can't be used, and the settings that a start accepts or refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import { findFreePort } from '../../lab/service/free-port.ts';
import { openConnection } from '../../src/storage/postgres/connection.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { assertTrusted } from '../../src/storage/postgres/server-trust.ts';
import { inFolder, openShop, withShop } from '../journeys/open-shop.ts';
import { get, jsonOf, place } from '../journeys/shop-client.ts';
import { runCli, ServiceStartError } from '../service.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';

const missing = await postgresMissing();
const certificates = fileURLToPath(new URL('./certificates/', import.meta.url));
const secret = 'pass:word/@é%';

/** The output of a service that does not start. */
async function refusal(env: Readonly<Record<string, string>>, exitCode = 1): Promise<string> {
  try {
    const shop = await openShop({ settings: env });
    await shop.close();
  } catch (error) {
    assert.ok(error instanceof ServiceStartError);
    assert.equal(error.exit?.code, exitCode, error.output);
    // As JSON, in which quotes are escaped.
    return error.output.replaceAll('\\"', '"');
  }
  return assert.fail('it started');
}

function assertOneSentence(output: string, sentence: RegExp): void {
  assert.match(output, sentence);
  assert.doesNotMatch(output, /^\s+at |"stack":/m, 'no stack');
  for (const part of [secret, encodeURIComponent(secret), 'pass:word']) {
    assert.ok(!output.includes(part), 'the password is never shown');
  }
}

describe('a PostgreSQL that can’t be used', { skip: missing ?? false }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ isEmpty: true });
  });
  after(() => database?.[Symbol.asyncDispose]());

  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    url.password = encodeURIComponent(secret);
    change(url);
    return url.href;
  };

  it('because nobody listens there', async () => {
    const port = await findFreePort();
    const url = changed((one) => {
      one.host = `127.0.0.1:${port}`;
    });
    assertOneSentence(
      await refusal({ DATABASE_URL: url }),
      new RegExp(`PostgreSQL at 127.0.0.1:${port} can't be reached: .*ECONNREFUSED`),
    );
  });

  it('because its host has no address', async () => {
    const url = changed((one) => {
      one.host = 'no-such-host.invalid:5432';
    });
    assertOneSentence(await refusal({ DATABASE_URL: url }), /no-such-host\.invalid:5432 can't be reached/);
  });

  it('because something else listens there, or nobody answers', async () => {
    const silent = createServer((socket) => socket.on('data', () => undefined));
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    for (const server of [silent, web]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const url = changed((one) => {
        one.host = `127.0.0.1:${port}`;
      });
      const output = await refusal({ DATABASE_URL: url, DATABASE_CONNECT_TIMEOUT_MS: '300' });
      assertOneSentence(output, new RegExp(`PostgreSQL at 127.0.0.1:${port} can't be reached`));
      server.close();
    }
  });

  it('because the database is missing', async () => {
    const url = changed((one) => {
      one.pathname = '/no_such_shop';
    });
    assertOneSentence(
      await refusal({ DATABASE_URL: url }),
      /has no database "no_such_shop"\. Make it with: createdb no_such_shop\./,
    );
  });

  it('because the address is wrong', async () => {
    for (const [url, sentence] of [
      [`postgres://user:${secret}@host:port/shop`, /DATABASE_URL is not a valid address/],
      ['postgres://user:pass%word@localhost/shop', /DATABASE_URL is not a valid address/],
      ['postgres:shop', /DATABASE_URL is not a valid address/],
      ['postgres://nozama@localhost', /DATABASE_URL names no database/],
      ['postgres://localhost/shop', /DATABASE_URL names no user/],
      ['postgres://nozama@localhost/shop?sslmode=maybe', /sslmode=maybe, but it must be one of disable, /],
      ['postgres://nozama@localhost/shop?tls=1', /unknown parameter "tls"; known are sslmode/],
      ['postgres://nozama@localhost/shop?sslmode=prefer', /sslmode=prefer, which would send orders in the/],
      ['postgres://nozama@localhost/shop?sslmode=require&sslrootcert=/no/file', /sslrootcert=\/no\/file/],
      ['postgres://nozama@localhost/shop?pgbouncer=yes', /pgbouncer=yes, but it must be true or false/],
    ] as const) {
      assertOneSentence(await refusal({ DATABASE_URL: url }, 2), sentence);
    }
  });

  it('because it holds the tables of somebody else', async () => {
    await using other = await openTestDatabase({ isEmpty: true });
    await other.query('CREATE TABLE orders (id integer)');
    assertOneSentence(await refusal({ DATABASE_URL: other.url }), /table named orders or products/);
  });

  it('because nothing can be written there', async () => {
    await using other = await openTestDatabase();
    const name = new URL(other.url).pathname.slice(1);
    await other.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    assertOneSentence(
      await refusal({ DATABASE_URL: other.url }),
      new RegExp(`Database "${name}" at .* is read-only\\. Set default_transaction_read_only=off`),
    );
  });

  it('because it has no connection left', async () => {
    const role = `crowd_${process.pid}`;
    await database.query(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 0`);
    const url = changed((one) => {
      one.username = role;
    });
    assertOneSentence(
      await refusal({ DATABASE_URL: url }),
      /has no connection left: too many connections for role/,
    );
    await database.query(`DROP ROLE ${role}`);
  });

  it('because its letters are not all letters', async () => {
    const name = `latin_${process.pid}`;
    await database.query(
      `CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    const url = changed((one) => {
      one.pathname = `/${name}`;
    });
    assertOneSentence(await refusal({ DATABASE_URL: url }), /has the encoding LATIN1, but names need UTF8/);
    await database.query(`DROP DATABASE ${name}`);
  });

  it('because it is too old', () => {
    const server = {
      server_version: '14.11 (Debian 14.11-1)',
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      server_encoding: 'UTF8',
      in_recovery: 'false',
      transaction_read_only: 'off',
    };
    const address = { host: 'db', port: 5_432, database: 'shop' };
    assert.throws(
      () => assertTrusted(server, testSettings, address),
      /PostgreSQL at db:5432 is version 14\.11 .*, but 15 or newer is needed/,
    );
    assertTrusted({ ...server, server_version: '15.0' }, testSettings, address);
  });

  it('is told to the commands alike', async () => {
    const url = changed((one) => {
      one.pathname = '/no_such_shop';
    });
    for (const command of ['migrate', 'seed', 'verify']) {
      await inFolder(async (dir) => {
        const { code, output } = await runCli([command], { dir, env: { DATABASE_URL: url, LOG_FILE: '' } });
        assert.equal(code, 1);
        assertOneSentence(output, /^PostgreSQL at .* has no database "no_such_shop"/);
      });
    }
  });
});

describe('commits that may be forgotten', { skip: missing ?? false }, () => {
  it('are refused, unless they are asked for; then the log and /readyz say so', async () => {
    await using database = await openTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    const settings = { DATABASE_URL: database.url };
    assertOneSentence(
      await refusal(settings),
      /runs with synchronous_commit=off: it may forget orders .*DATABASE_ALLOW_UNSAFE_COMMITS=true/,
    );
    await withShop({ settings: { ...settings, DATABASE_ALLOW_UNSAFE_COMMITS: 'true' } }, async (shop) => {
      await place(shop.url);
      const { durability } = jsonOf(await get(`${shop.url}/readyz`));
      assert.equal(durability.synchronous_commit, 'off');
      assert.match(durability.warning, /synchronous_commit=off: confirmed orders may be lost/);
      assert.match(shop.service.logs(), /This shop is not safe: synchronous_commit=off/);
    });
  });

  it('that become so later are refused with the next connection', async () => {
    await using database = await openTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    await withShop({ settings: { DATABASE_URL: database.url } }, async (shop) => {
      await place(shop.url);
      await database.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = '${name}' AND application_name LIKE 'nozama%'`,
      );
      await assert.rejects(place(shop.url));
      assert.equal((await get(`${shop.url}/readyz`)).status, 503);
    });
  });

  it('because of fsync=off are refused too', async () => {
    await using server = await startPostgres({ fsync: false });
    assertOneSentence(await refusal({ DATABASE_URL: server.url('postgres') }), /runs with fsync=off: it may/);
  });
});

describe('a connection for orders', { skip: missing ?? false }, () => {
  it('is named in pg_stat_activity by the address too, and opened within its time', async () => {
    await using database = await openTestDatabase();
    const named = new URL(database.url);
    named.searchParams.set('application_name', 'shop-eu');
    await withShop({ settings: { DATABASE_URL: named.href } }, async (shop) => {
      assert.equal((await get(`${shop.url}/`)).status, 200);
      const rows = await database.query(
        `SELECT DISTINCT application_name AS name FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'nozama%' ORDER BY 1`,
      );
      const names = rows.map(({ name }) => name);
      assert.deepEqual(names, ['nozama read shop-eu', 'nozama write shop-eu']);
    });
    const silent = createServer((socket) => socket.on('data', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const startedAt = performance.now();
    await refusal({
      DATABASE_URL: `postgres://u@127.0.0.1:${port}/shop?connect_timeout=1`,
      DATABASE_CONNECT_TIMEOUT_MS: '30000',
    });
    silent.close();
    assert.ok(performance.now() - startedAt < 10_000, 'the time of the address was not kept');
  });

  it('has a limit on everything that takes time, and plans as it was told', async () => {
    await using database = await openTestDatabase();
    const address = parseDatabaseUrl(locationOf(database.url));
    const settings = { ...testSettings, statementTimeoutMs: 4_321, lockTimeoutMs: 1_234 };
    const connection = await openConnection(address, settings, { applicationName: 'nozama write' });
    try {
      const [answer] = await connection.send([
        {
          text: `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
            'idle_in_transaction_session_timeout', 'enable_seqscan', 'plan_cache_mode') ORDER BY name`,
        },
      ]);
      assert.deepEqual(
        answer?.rows.map(({ name, setting }) => `${name}=${setting}`),
        [
          'enable_seqscan=off',
          'idle_in_transaction_session_timeout=10000',
          'lock_timeout=1234',
          'plan_cache_mode=force_generic_plan',
          'statement_timeout=4321',
        ],
      );
    } finally {
      await connection.close();
    }
  });
});

describe('the schema', { skip: missing ?? false }, () => {
  it('is left alone at the start when that is switched off; `nozama migrate` brings it up to date', async () => {
    await using database = await openTestDatabase({ isEmpty: true });
    const settings = { DATABASE_URL: database.url, DATABASE_MIGRATE_AT_START: 'false' };
    assertOneSentence(
      await refusal(settings),
      /has schema version 0, this program needs \d+\. Run `nozama migrate`/,
    );
    await inFolder(async (dir) => {
      const migrate = () => runCli(['migrate'], { dir, env: settings });
      assert.match((await migrate()).output, /^Schema brought from version 0 to \d+\.$/m);
      assert.match((await migrate()).output, /^Schema version \d+: nothing to do\.$/m);
    });
    await withShop({ settings }, async (shop) => {
      await place(shop.url);
    });
  });

  it('of a newer program is used when that supports this one, and else refused', async () => {
    await using database = await openTestDatabase();
    await database.query('INSERT INTO schema_versions (version, supports_from) VALUES (99, 1)');
    await withShop({ settings: { DATABASE_URL: database.url } }, async (shop) => {
      await place(shop.url);
    });
    await database.query('INSERT INTO schema_versions (version, supports_from) VALUES (100, 99)');
    assertOneSentence(await refusal({ DATABASE_URL: database.url }), /schema version 100, but this program/);
    // A later one that would support it does not bring back what this one has taken away.
    await database.query('INSERT INTO schema_versions (version, supports_from) VALUES (101, 1)');
    assertOneSentence(await refusal({ DATABASE_URL: database.url }), /schema version 101, but this program/);
  });
});

describe('passwords and TLS', { skip: missing ?? false }, () => {
  let server: PostgresServer;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
    server = await startPostgres({
      fsync: true,
      settings: { ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.key' },
      files: {
        'server.pem': readFileSync(join(certificates, 'server.pem'), 'utf8'),
        'server.key': readFileSync(join(certificates, 'server.key'), 'utf8'),
      },
      hba: [
        'hostssl all clerk 127.0.0.1/32 scram-sha-256',
        'hostssl all old_clerk 127.0.0.1/32 md5',
        'hostssl all trusted_clerk 127.0.0.1/32 trust',
        'host all clerk 127.0.0.1/32 reject',
      ],
    });
    await server.query('CREATE ROLE trusted_clerk LOGIN');
    await server.query(`CREATE ROLE clerk LOGIN PASSWORD '${secret}'`);
    await server.query('CREATE DATABASE shop OWNER clerk');
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const ca = join(certificates, 'ca.pem');
  const url = (host: string, parameters: string) =>
    `postgres://clerk@${host}:${server.port}/shop?${parameters}`;
  const verified = () => url('localhost', `sslmode=verify-full&sslrootcert=${ca}`);

  it('are taken from the address, the environment or a file, and the server’s name is checked', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, `${secret}\n`);
    const inAddress = new URL(verified());
    inAddress.password = encodeURIComponent(secret);
    for (const settings of [
      { DATABASE_URL: inAddress.href },
      { DATABASE_URL: verified(), DATABASE_PASSWORD: secret },
      { DATABASE_URL: verified(), DATABASE_PASSWORD_FILE: file },
    ]) {
      await withShop({ settings }, async (shop) => {
        await place(shop.url);
        const [row] = await server.query(
          `SELECT bool_and(ssl) AS all_encrypted FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE usename = 'clerk'`,
        );
        assert.equal(row?.['all_encrypted'], true);
        assert.ok(!shop.service.logs().includes(secret));
      });
    }
  });

  it('that are wrong, missing or unreadable are said so', async () => {
    const wrong = { DATABASE_URL: verified(), DATABASE_PASSWORD: 'wrong' };
    assertOneSentence(await refusal(wrong), /does not accept the password of user "clerk"/);
    assertOneSentence(
      await refusal({ DATABASE_URL: verified() }),
      /wants a password of user "clerk"\. Give it as DATABASE_PASSWORD/,
    );
    assertOneSentence(
      await refusal({ DATABASE_URL: verified(), DATABASE_PASSWORD_FILE: '/no/file' }),
      /DATABASE_PASSWORD_FILE can't be read: ENOENT/,
    );
  });

  it('without TLS are not let in by a server that wants it', async () => {
    const settings = { DATABASE_URL: url('localhost', 'sslmode=disable'), DATABASE_PASSWORD: secret };
    assertOneSentence(await refusal(settings), /does not let user "clerk" in/);
  });

  it('verify-full wants a known authority and the right name; verify-ca the authority; require neither', async () => {
    const withPassword = (address: string) => ({ DATABASE_URL: address, DATABASE_PASSWORD: secret });
    for (const [address, sentence] of [
      [url('localhost', 'sslmode=verify-full'), /shows a certificate that is not trusted/],
      [url('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`), /shows a certificate that is not trusted/],
      [url('localhost', 'sslmode=verify-ca'), /shows a certificate that is not trusted/],
    ] as const) {
      assertOneSentence(await refusal(withPassword(address)), sentence);
    }
    for (const address of [
      url('127.0.0.1', `sslmode=verify-ca&sslrootcert=${ca}`),
      url('127.0.0.1', 'sslmode=require'),
    ]) {
      await withShop({ settings: withPassword(address) }, async (shop) => {
        await place(shop.url);
      });
    }
  });

  it('channel binding is used when the address asks for it, and required when it says so', async () => {
    // Neon prints channel_binding=require.
    for (const mode of ['require', 'prefer', 'disable']) {
      const settings = {
        DATABASE_URL: url('localhost', `sslmode=verify-full&sslrootcert=${ca}&channel_binding=${mode}`),
        DATABASE_PASSWORD: secret,
      };
      await withShop({ settings }, async (shop) => {
        await place(shop.url);
      });
    }
  });

  it('a password is not given to a server that offers no channel binding when that is required', async () => {
    await server.query('SET password_encryption = md5; CREATE ROLE old_clerk LOGIN PASSWORD NULL');
    await server.query(`SET password_encryption = md5; ALTER ROLE old_clerk PASSWORD '${secret}'`);
    await server.query('CREATE DATABASE old_shop OWNER old_clerk');
    for (const [user, sentence] of [
      ['old_clerk', /offers no channel binding, which channel_binding=require asks for/],
      ['trusted_clerk', /offers no channel binding, which channel_binding=require asks for/],
    ] as const) {
      const address = `postgres://${user}@localhost:${server.port}/old_shop?sslmode=verify-full&sslrootcert=${ca}`;
      const settings = { DATABASE_URL: `${address}&channel_binding=require`, DATABASE_PASSWORD: secret };
      assertOneSentence(await refusal(settings), sentence);
    }
  });

  it('verify-full is not met by a server that has no TLS', async () => {
    await using database = await openTestDatabase();
    const plain = new URL(database.url);
    plain.searchParams.set('sslmode', 'verify-full');
    assertOneSentence(
      await refusal({ DATABASE_URL: plain.href }),
      /offers no TLS\. Set it up there, or add sslmode/,
    );
  });
});
