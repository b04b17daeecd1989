/** Callers with API keys: made on the command line, shown as Bearer tokens, refused from the moment they are revoked. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeApiKey } from '../../src/access/api-key.ts';
import { createKey as createKeyBehind } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { get, jsonOf, postJson } from './shop-client.ts';

const engine = engineOf(import.meta.url);

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe(`API keys (${engine})`, () => {
  let shop: Shop;
  let listUrl: string;
  before(async () => {
    shop = await openShop({ engine });
    listUrl = `${shop.url}/api/v1/api-keys`;
  });
  after(() => shop?.close());

  const createKey = async (name: string, scopes: string, ...more: readonly string[]) => {
    const made = await shop.run(['keys', 'create', '--name', name, '--scopes', scopes, ...more]);
    assert.equal(made.code, 0, made.output);
    const key = made.stdout.trim();
    assert.match(key, /^nzm_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/);
    return key;
  };

  it('are made on the command line, and open the endpoints of their scopes', async () => {
    const key = await createKey('admin', 'keys:write,orders:read');
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const answer = await get(listUrl, { authorization: `${scheme} ${key}` });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
    const [listed] = jsonOf(await get(listUrl, bearer(key))).api_keys;
    assert.equal(listed.name, 'admin');
    assert.equal(listed.prefix, key.slice(0, 12));
    assert.deepEqual(listed.scopes, ['keys:write', 'orders:read']);
    assert.equal(listed.status, 'active');
    assert.equal(listed.expires_at, null);
    assert.ok(!JSON.stringify(listed).includes(key.slice(13)));
  });

  it('are told in the list when they were used last, which no answer waits for', async () => {
    const key = await createKey('used', 'keys:write');
    const usedAt = async () => {
      const { api_keys: listed } = jsonOf(await get(listUrl, bearer(key)));
      return listed.find(({ name }: { name: string }) => name === 'used').last_used_at;
    };
    const before = Date.now();
    for (let tries = 0; (await usedAt()) === null; tries += 1) assert.ok(tries < 200, 'it is remembered');
    assert.ok(Math.abs(Date.parse(await usedAt()) - before) < 60_000);
  });

  it('are asked for where one is needed, with a Bearer challenge', async () => {
    for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }]) {
      const answer = await get(listUrl, headers);
      assert.equal(answer.status, 401, answer.text);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="nozama"');
      assert.equal(jsonOf(answer).code, 'key_required');
      assert.match(jsonOf(answer).detail, /keys:write/);
    }
  });

  it('that are none are refused, each by what is wrong with it', async () => {
    const never = makeApiKey({ name: 'never', scopes: ['keys:write'], expiresAtMs: null }, 0).key;
    const wrong = {
      nzm_short: /not complete/,
      'some-other-token': /not complete/,
      [`${never}x`]: /not complete/,
      [`${never} ${never}`]: /not complete/,
      [never]: /not known/,
    };
    for (const [key, words] of Object.entries(wrong)) {
      const answer = await get(listUrl, bearer(key));
      assert.equal(answer.status, 401, answer.text);
      assert.equal(jsonOf(answer).code, 'invalid_key');
      assert.match(jsonOf(answer).detail, words);
      assert.match(
        answer.headers.get('www-authenticate') ?? '',
        /^Bearer realm="nozama", error="invalid_token"/,
      );
    }
  });

  it('without the scope are refused, and told which one they need', async () => {
    const key = await createKey('reader', 'orders:read');
    const answer = await get(listUrl, bearer(key));
    assert.equal(answer.status, 403, answer.text);
    assert.equal(jsonOf(answer).code, 'insufficient_scope');
    assert.deepEqual(jsonOf(answer).required_scopes, ['keys:write']);
    assert.equal(
      answer.headers.get('www-authenticate'),
      'Bearer realm="nozama", error="insufficient_scope", scope="keys:write"',
    );
  });

  it('are refused from the moment they are revoked', async () => {
    const key = await createKey('leaver', 'keys:write');
    assert.equal((await get(listUrl, bearer(key))).status, 200);
    const revoked = await shop.run(['keys', 'revoke', 'leaver']);
    assert.equal(revoked.code, 0, revoked.output);
    const answer = await get(listUrl, bearer(key));
    assert.equal(answer.status, 401);
    assert.match(jsonOf(answer).detail, /revoked/);
    const again = await shop.run(['keys', 'revoke', key.slice(0, 12)]);
    assert.equal(again.code, 0);
    assert.match(again.output, /nothing changed/);
    assert.notEqual(await createKey('leaver', 'keys:write'), key, 'its name is free again');
  });

  it('that have expired are refused', async () => {
    const key = await createKey('guest', 'keys:write', '--expires-in-days', '1');
    assert.equal((await get(listUrl, bearer(key))).status, 200);
    const listed = await shop.run(['keys', 'list']);
    assert.match(listed.stdout, /guest .*expires /);
    const nowMs = Date.now();
    const late = makeApiKey({ name: 'late', scopes: ['keys:write'], expiresAtMs: nowMs }, nowMs - 1);
    await createKeyBehind(shop, late.stored);
    const answer = await get(listUrl, bearer(late.key));
    assert.equal(answer.status, 401);
    assert.match(jsonOf(answer).detail, /expired/);
  });

  it('are not looked at where every client may call', async () => {
    for (const path of ['/api/v1/products', '/', '/livez']) {
      const answer = await get(`${shop.url}${path}`, bearer('nzm_wrong'));
      assert.equal(answer.status, 200);
    }
  });

  describe('made by the API', () => {
    const make = (key: string, body: unknown) => postJson(listUrl, body, bearer(key));
    let admin: string;
    before(async () => {
      admin = await createKey('maker', 'keys:write,orders:read,audit:read');
    });

    it('have the scopes of their maker at the most', async () => {
      const made = await make(admin, { name: 'made', scopes: ['orders:read', 'orders:read'] });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.headers.get('cache-control'), 'no-store');
      const { key, ...shown } = jsonOf(made);
      assert.match(key, /^nzm_/);
      assert.deepEqual(shown.scopes, ['orders:read']);
      const listed = jsonOf(await get(listUrl, bearer(admin))).api_keys;
      assert.deepEqual(
        listed.find(({ name }: { name: string }) => name === 'made'),
        shown,
      );
      assert.equal(jsonOf(await get(listUrl, bearer(key))).code, 'insufficient_scope', 'it is a key');
      const more = await make(admin, { name: 'more', scopes: ['orders:read', 'orders:write'] });
      assert.equal(more.status, 403, more.text);
      assert.deepEqual(jsonOf(more).required_scopes, ['orders:write']);
    });

    it('do not outlive their maker', async () => {
      const guest = await createKey('short-lived', 'keys:write', '--expires-in-days', '1');
      const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
      const scopes = ['keys:write'];
      for (const expires of [undefined, null, inHours(25)]) {
        const answer = await make(guest, { name: 'longer', scopes, expires_at: expires });
        assert.equal(answer.status, 422, answer.text);
        assert.equal(jsonOf(answer).errors[0].pointer, '/expires_at');
      }
      const shorter = await make(guest, { name: 'shorter', scopes, expires_at: inHours(1) });
      assert.equal(shorter.status, 201, shorter.text);
    });

    it('are refused with the field that is wrong', async () => {
      const well = { name: 'well', scopes: ['orders:read'] };
      const wrong: readonly (readonly [unknown, string, string])[] = [
        [{ ...well, name: undefined }, '/name', 'required'],
        [{ ...well, name: '' }, '/name', 'invalid_key_name'],
        [{ ...well, name: 'two words' }, '/name', 'invalid_key_name'],
        [{ ...well, name: 'a'.repeat(61) }, '/name', 'invalid_key_name'],
        [{ ...well, scopes: [] }, '/scopes', 'out_of_range'],
        [{ ...well, scopes: ['orders:read', 'all'] }, '/scopes/1', 'not_allowed'],
        [{ ...well, expires_at: 'tomorrow' }, '/expires_at', 'invalid_time'],
        [{ ...well, expires_at: '2020-01-01T00:00:00Z' }, '/expires_at', 'out_of_range'],
        [{ ...well, expires_at: '2226-01-01T00:00:00Z' }, '/expires_at', 'out_of_range'],
        [{ ...well, prefix: 'nzm_mine' }, '/prefix', 'unknown_field'],
      ];
      for (const [body, pointer, code] of wrong) {
        const answer = await make(admin, body);
        assert.equal(answer.status, 422, `${JSON.stringify(body)}: ${answer.text}`);
        const [error] = jsonOf(answer).errors;
        assert.deepEqual([error.pointer, error.code], [pointer, code], answer.text);
      }
      assert.equal((await make(admin, { ...well, name: 'maker' })).status, 409);
      assert.equal((await make(admin, '{')).status, 400);
    });

    it('are revoked by it, and then refused; the first time counts', async () => {
      const { key, key_id: id } = jsonOf(await make(admin, { name: 'brief', scopes: ['keys:write'] }));
      const revoke = (keyId: string) => postJson(`${listUrl}/${keyId}/revoke`, '', bearer(admin));
      const revoked = await revoke(id);
      assert.equal(revoked.status, 200, revoked.text);
      assert.equal(jsonOf(revoked).status, 'revoked');
      assert.equal((await get(listUrl, bearer(key))).status, 401);
      assert.equal(jsonOf(await revoke(id)).revoked_at, jsonOf(revoked).revoked_at);
      for (const unknown of ['no-id', '01927f3e-7c00-7abc-8def-000000000009'])
        assert.equal(jsonOf(await revoke(unknown)).code, 'api_key_not_found');
    });

    it('are told of in the audit log: by whom, what and from where', async () => {
      const auditUrl = `${shop.url}/api/v1/audit`;
      const requestId = 'of-this-very-request';
      const made = jsonOf(
        await postJson(
          listUrl,
          { name: 'audited', scopes: ['orders:read'] },
          { ...bearer(admin), 'x-request-id': requestId, 'x-forwarded-for': '203.0.113.7' },
        ),
      );
      const audit = await get(`${auditUrl}?limit=1`, bearer(admin));
      assert.equal(audit.status, 200, audit.text);
      const { entries, head, next_cursor: next } = jsonOf(audit);
      const [{ at, hash, key_id: _, position, ...entry }] = entries;
      assert.deepEqual(entry, {
        actor: 'key:maker',
        action: 'api_key.create',
        subject: `api_key:${made.key_id}`,
        detail: { name: 'audited', scopes: ['orders:read'], expiresAtMs: null },
        request_id: requestId,
        address: '127.0.0.1',
      });
      assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
      assert.deepEqual(head, { position, hash });
      assert.ok(!audit.text.includes(made.key) && !audit.text.includes(made.key.slice(13)));
      const older = jsonOf(await get(`${auditUrl}?limit=100&cursor=${next}`, bearer(admin)));
      assert.equal(older.entries[0].position, position - 1);
      assert.equal(older.entries.at(-1).position, 1);
      assert.equal(older.entries.at(-1).actor, 'cli');
      assert.equal(older.next_cursor, null);
      assert.equal((await get(`${auditUrl}?cursor=0`, bearer(admin))).status, 400);
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
      assert.match(output, new RegExp(`ok +audit log: .*\\(${position} examined\\)`));
    });
  });

  it('are in no log, whatever was done with them', async () => {
    const key = await createKey('secret', 'orders:read');
    const wrong = `${key.slice(0, -3)}xyz`;
    for (const shown of [key, wrong]) {
      await get(listUrl, bearer(shown));
      await get(`${shop.url}/nothing-here?key=${shown}`, bearer(shown));
      await get(`${shop.url}/api/v1/products?cursor=%00`, bearer(shown));
    }
    const logged = shop.service.logs();
    for (const shown of [key, wrong]) assert.ok(!logged.includes(shown.slice(13)), 'not even a part of one');
  });

  it('are refused on the command line with a sentence, when a name, a scope or a time is wrong', async () => {
    await createKey('taken', 'orders:read');
    const create = ['keys', 'create', '--name', 'new'];
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['keys'], 2, /needs create, list, or revoke KEY/],
      [['keys', 'make'], 2, /needs create, list, or revoke KEY/],
      [['keys', 'revoke'], 2, /needs create, list, or revoke KEY/],
      [['keys', 'list', '--name', 'x'], 2, /Only nozama keys create takes options/],
      [['keys', 'create', '--scopes', 'orders:read'], 2, /needs --name NAME/],
      [['keys', 'create', '--name', 'two words', '--scopes', 'orders:read'], 2, /--name must be/],
      [['keys', 'create', '--name', 'a'.repeat(61), '--scopes', 'orders:read'], 2, /--name must be/],
      [create, 2, /needs --scopes, of orders:read, /],
      [[...create, '--scopes', ','], 2, /needs --scopes/],
      [[...create, '--scopes', 'orders:read,all'], 2, /"all" is no scope\. There are orders:read, /],
      [[...create, '--scopes', 'orders:read', '--expires-in-days', '0'], 2, /from 1 to 3650/],
      [[...create, '--scopes', 'orders:read', '--expires-in-days', '3651'], 2, /from 1 to 3650/],
      [['keys', 'create', '--name', 'taken', '--scopes', 'orders:read'], 1, /is there already/],
      [['keys', 'revoke', 'nobody'], 1, /no such key/],
    ];
    for (const [args, code, words] of wrong) {
      const ended = await shop.run(args);
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, words);
      assert.equal(ended.stdout, '');
    }
    assert.equal(
      (await shop.run([...create.slice(0, 3), 'a'.repeat(60), '--scopes', 'orders:read'])).code,
      0,
    );
  });
});
