import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseUrlMistake, parseDatabaseUrl } from './database-url.ts';

/** @param url without `postgres:`, as the parser takes it */
const mistake = (url: string) => databaseUrlMistake(url) ?? 'none';

test('addresses as providers print them are read', () => {
  const printed = {
    neon: '//shop_owner:npg_x1@ep-cool-1-pooler.us-east-2.aws.neon.tech/shop?sslmode=require&channel_binding=require',
    supabase: '//postgres.abcdefgh:pa%24s@aws-0-us-east-1.pooler.supabase.com:6543/postgres?pgbouncer=true',
    heroku: '//abc:0123def@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1e2f3',
    azure: '//nozama%40server:x@server.postgres.database.azure.com:5432/shop?sslmode=require',
    rds: '//nozama:x@shop.abc.eu-central-1.rds.amazonaws.com:5432/shop?sslmode=verify-full&sslrootcert=system',
    railway: '//postgres:x@postgres.railway.internal:5432/railway?sslmode=disable',
    digitalOcean: '//doadmin:AVNS_x@db-1.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
    libpq:
      '//nozama@localhost/shop?connect_timeout=10&application_name=my%20shop&gssencmode=disable&client_encoding=UTF8',
  };
  for (const [provider, url] of Object.entries(printed)) assert.equal(mistake(url), 'none', provider);
  const neon = parseDatabaseUrl(printed.neon);
  assert.equal(neon.channelBinding, 'require');
  assert.ok(neon.tls !== false && neon.tls.rejectUnauthorized === false);
  assert.equal(parseDatabaseUrl(printed.supabase).isPooled, true);
  assert.equal(parseDatabaseUrl(printed.supabase).password, 'pa$s');
  assert.equal(parseDatabaseUrl(printed.azure).user, 'nozama@server');
  const heroku = parseDatabaseUrl(printed.heroku);
  assert.ok(heroku.tls !== false && heroku.tls.rejectUnauthorized === true);
  const rds = parseDatabaseUrl(printed.rds);
  assert.ok(rds.tls !== false && rds.tls.rejectUnauthorized === true && rds.tls.ca === undefined);
  const libpq = parseDatabaseUrl(printed.libpq);
  assert.equal(libpq.applicationName, 'my shop');
  assert.equal(libpq.connectTimeoutMs, 10_000);
});

test('an address that Nozama does not take says what to use instead', () => {
  const table: readonly (readonly [url: string, said: RegExp])[] = [
    ['//u@h/d?sslmode=prefer', /sslmode=prefer, which would send orders in the clear.*sslmode=require/],
    ['//u@h/d?sslmode=allow', /sslmode=allow, which would send orders in the clear/],
    ['//u@h/d?sslmode=no-verify', /sslmode=no-verify, which is called sslmode=require/],
    ['//u@h/d?sslmode=', /sslmode=, but it must be one of disable, require, verify-ca, verify-full/],
    ['//u@h/d?ssl=true', /"ssl".*use sslmode=verify-full/],
    ['///d?host=/var/run/postgresql', /"host".*postgres:\/\/user@%2Fvar%2Frun%2Fpostgresql\/shop/],
    ['//u:p@/d?host=/cloudsql/p:r:i', /"host".*write it into the address itself/],
    ['//h/d?user=u', /"user".*write it into the address itself/],
    ['//u@h/d?password=hunter2', /"password".*DATABASE_PASSWORD/],
    ['//u@h/d?options=endpoint%3Dep-1', /"options".*sets up its sessions itself.*Neon/],
    ['//u@h/d?options=-c%20search_path%3Dx', /"options".*ALTER ROLE … SET/],
    ['//u@h/d?schema=public', /"schema".*search_path/],
    ['//u@h/d?currentSchema=x', /"currentSchema".*search_path/],
    ['//u@h/d?connection_limit=1', /"connection_limit".*DATABASE_READ_CONNECTIONS/],
    ['//u@h/d?statement_timeout=1', /"statement_timeout".*DATABASE_STATEMENT_TIMEOUT_MS/],
    ['//u@h/d?target_session_attrs=read-write', /"target_session_attrs".*leave it out/],
    ['//u@h/d?uselibpqcompat=true', /"uselibpqcompat".*leave it out/],
    ['//u@h/d?client_encoding=LATIN1', /unknown parameter "client_encoding"/],
    ['//u@h/d?gssencmode=require', /unknown parameter "gssencmode"/],
    ['//u@h/d?supa=base-pooler.x', /unknown parameter "supa"; known are sslmode/],
    ['//u@h/d?sslmode=require&sslmode=disable', /the parameter sslmode twice/],
    ['//u@h/d?sslmode=disable&sslrootcert=/ca.pem', /sslmode=disable, and then sslrootcert is for nothing/],
    ['//u@h/d?sslmode=require&sslcert=/c.pem', /only one of sslcert and sslkey/],
    ['//u@localhost/d?sslrootcert=/no/ca.pem', /sslrootcert=\/no\/ca\.pem, which can't be read/],
    [
      '//u@h/d?sslmode=verify-full&sslrootcert=/no/a+b.pem',
      /sslrootcert=\/no\/a\+b\.pem, which can't be read/,
    ],
    ['//u@localhost/d?channel_binding=require', /channel_binding=require, which needs TLS/],
    ['//u@h/d?channel_binding=yes', /channel_binding=yes, but it must be disable, prefer or require/],
    ['//u@h/d?connect_timeout=0', /connect_timeout=0, but it must be a whole number of seconds from 1 to 60/],
    ['//u@h/d?connect_timeout=61', /connect_timeout=61/],
    ['//u@h/d?connect_timeout=1.5', /connect_timeout=1\.5/],
    ['//u@h/d?application_name=', /application_name that is not 1 to 48 ASCII/],
    [`//u@h/d?application_name=${'x'.repeat(49)}`, /application_name that is not 1 to 48 ASCII/],
    ['//u@h/d?pgbouncer=yes', /pgbouncer=yes, but it must be true or false/],
    ['//u@h1:5432,h2:5432/d', /several hosts/],
    ['//h/d', /names no user/],
    ['//u@h', /names no database/],
    ['//u@h/', /names no database/],
    ['//u@h/d/e', /names no database/],
    ['//u@h:0/d', /not a valid address/],
    ['//u@h:65536/d', /not a valid address/],
    ['u@h/d', /not a valid address/],
    ['', /not a valid address/],
    ['//u:[YOUR-PASSWORD]@h/d', /a placeholder where its password belongs/],
    ['//u:{your_password}@h/d', /a placeholder where its password belongs/],
  ];
  for (const [url, said] of table) {
    assert.match(mistake(url), said, url);
    assert.match(mistake(url), /^(has|names|is|holds) .*\.$/, 'a sentence that follows DATABASE_URL');
    assert.doesNotMatch(mistake(url), /hunter2/);
  }
});

test('what is at its bound is taken', () => {
  assert.equal(parseDatabaseUrl('//u@h/d?connect_timeout=1').connectTimeoutMs, 1_000);
  assert.equal(parseDatabaseUrl('//u@h/d?connect_timeout=60').connectTimeoutMs, 60_000);
  assert.equal(mistake(`//u@h/d?application_name=${'x'.repeat(48)}`), 'none');
  assert.equal(parseDatabaseUrl('//u@%2Fvar%2Frun%2Fpostgresql/d').host, '/var/run/postgresql');
  assert.equal(parseDatabaseUrl('//u@[::1]:5433/d').host, '::1');
});

test('a password that is not %-encoded is told of, and never printed', () => {
  for (const url of [
    '//u:hunter2#x@h/d',
    '//u:2#hunter2@h/d',
    '//u:hunter2?x@h/d',
    '//u:2?hunter2@h/d',
    '//u:2?hunter2=x@h/d',
    '//u:hunter2/x@h/d',
    '//u:2/hunter2@h/d',
    '//u:hunter2%zz@h/d',
  ]) {
    assert.notEqual(mistake(url), 'none', url);
    assert.doesNotMatch(mistake(url), /hunter2/, url);
  }
  // The last @ ends the password, as in every parser of addresses.
  assert.equal(parseDatabaseUrl('//u:p@ss@h/d').password, 'p@ss');
});

test('the server is checked by the authority that is named, as in libpq', () => {
  const file = import.meta.filename;
  const tls = (query: string) => parseDatabaseUrl(`//u@localhost/d?${query}`).tls;
  assert.equal(tls(''), false);
  const asked = tls(`sslmode=require&sslrootcert=${file}`);
  assert.ok(asked !== false && asked.rejectUnauthorized === true && asked.checkServerIdentity !== undefined);
  const named = tls(`sslrootcert=${file}`);
  assert.ok(named !== false && named.rejectUnauthorized === true && named.checkServerIdentity === undefined);
});
