/** Tokens of Google, against servers that check what they are sent, as Google documents it. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openGoogleAccess } from './google-credentials.ts';

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';
const email = 'shop@project.iam.gserviceaccount.com';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pemOf = (key: typeof privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

let folder: string;
let host: string;
let tokens = 0;
/** Of the next tokens. */
let seconds = 3_600;

/** The token service and the metadata server in one. */
const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = new URLSearchParams(Buffer.concat(chunks).toString());
  const isRight =
    incoming.url === '/token'
      ? isSigned(body)
      : incoming.url === '/computeMetadata/v1/instance/service-accounts/default/token' &&
        incoming.headers['metadata-flavor'] === 'Google';
  outgoing.statusCode = isRight ? 200 : 400;
  tokens += 1;
  outgoing.end(
    JSON.stringify(
      isRight
        ? { access_token: `token-${tokens}`, expires_in: seconds, token_type: 'Bearer' }
        : { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
    ),
  );
});

function isSigned(body: URLSearchParams): boolean {
  const [header = '', claim = '', signature = ''] = (body.get('assertion') ?? '').split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { iss, scope: asked, aud, iat, exp } = read(claim);
  const now = Date.now() / 1_000;
  return (
    body.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
    read(header).alg === 'RS256' &&
    read(header).kid === 'key-1' &&
    iss === email &&
    asked === scope &&
    aud === `http://${host}/token` &&
    Math.abs(iat - now) < 60 &&
    exp - iat === 3_600 &&
    verify('RSA-SHA256', Buffer.from(`${header}.${claim}`), publicKey, Buffer.from(signature, 'base64url'))
  );
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nozama-google-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function keyFile(change: object | string): string {
  const path = join(folder, 'key.json');
  const key = {
    type: 'service_account',
    client_email: email,
    private_key_id: 'key-1',
    private_key: pemOf(privateKey),
    token_uri: `http://${host}/token`,
  };
  writeFileSync(path, typeof change === 'string' ? change : JSON.stringify({ ...key, ...change }));
  return path;
}

const byKey = (change: object | string) =>
  openGoogleAccess({ GOOGLE_APPLICATION_CREDENTIALS: keyFile(change) }, scope);

describe('access to Google Cloud', () => {
  it('is by the key of a service account, and a token is used until it is about to end', async () => {
    for (const access of [byKey({}), openGoogleAccess({ GCE_METADATA_HOST: host }, scope)]) {
      seconds = 3_600;
      const { authorization: first } = await access();
      assert.match(first ?? '', /^Bearer token-\d+$/);
      assert.equal((await access())['authorization'], first);
    }
  });

  it('gets a new token five minutes before the old one ends', async () => {
    const access = byKey({});
    seconds = 299;
    const { authorization: first } = await access();
    seconds = 400;
    const { authorization: second } = await access();
    assert.notEqual(second, first);
    assert.equal((await access())['authorization'], second);
  });

  it('is refused with a sentence that shows no key', async () => {
    const refusals: readonly (readonly [object | string, RegExp])[] = [
      ['{', /is no JSON\. Name the JSON file/],
      ['null', /is no key of a service account\./],
      [{ type: 'authorized_user' }, /is no key of a service account\./],
      [{ private_key: 'never-shown' }, /has a private_key that is none\./],
      [{ token_uri: 'http://elsewhere.example/token' }, /has a token_uri that is no https: address\./],
    ];
    for (const [change, words] of refusals) {
      assert.throws(
        () => byKey(change),
        (error: Error) => words.test(error.message) && !/never-shown|PRIVATE/.test(error.message),
        String(words),
      );
    }
    assert.throws(
      () => openGoogleAccess({ GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'none') }, scope),
      /can't be read \(ENOENT\)/,
    );
    await assert.rejects(
      byKey({ private_key: pemOf(other.privateKey) })(),
      /^ObjectStoreError: Google gives no token for the key in .* \(400 invalid_grant\): is the key deleted/,
    );
  });

  it('is refused where there is neither a key nor an identity of the machine', async () => {
    await assert.rejects(
      openGoogleAccess({ GCE_METADATA_HOST: '127.0.0.1:1' }, scope)(),
      /^ObjectStoreError: No credentials for Google Cloud: set GOOGLE_APPLICATION_CREDENTIALS/,
    );
  });
});
