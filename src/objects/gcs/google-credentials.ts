/**
 * Access to Google Cloud without Google's libraries: by the key of a service account (RFC 7523, as
 * https://developers.google.com/identity/protocols/oauth2/service-account has it), or by the identity of the machine.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isLoopback } from '../../program/loopback.ts';
import { fieldsOf } from '../answer-fields.ts';
import { type BearerToken, bearerToken, type KeptToken, keptToken } from '../bearer-token.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { request, type SignedRequest, type StoreAnswer, usualBounds } from '../requests.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What Google allows for a signed claim. */
const claimSeconds = 3_600;

/** The metadata server is on the same machine; elsewhere nothing answers at its address. */
const metadataTimeoutMs = 5_000;

/**
 * `GOOGLE_APPLICATION_CREDENTIALS` names the file of a key; without it the metadata server of Compute Engine, Cloud Run
 * and GKE gives tokens.
 * @param scope such as `https://www.googleapis.com/auth/devstorage.read_write`
 * @throws ObjectStoreError when the file is no key of a service account
 */
export function openGoogleAccess(environment: Variables, scope: string): KeptToken {
  const path = environment['GOOGLE_APPLICATION_CREDENTIALS'];
  if (!path) return keptToken(machineToken(environment));
  const key = readKey(path);
  return keptToken(() => tokenByKey(key, path, scope));
}

interface ServiceAccountKey {
  readonly email: string;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly tokenUrl: string;
}

function readKey(path: string): ServiceAccountKey {
  const refused = (problem: string, cause?: unknown) =>
    new ObjectStoreError(
      `GOOGLE_APPLICATION_CREDENTIALS: ${path} ${problem}. Name the JSON file of a service account's key.`,
      { cause },
    );
  let content: Readonly<Record<string, unknown>>;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw cause instanceof SyntaxError
      ? refused('is no JSON')
      : refused(`can't be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  const { type, client_email, private_key_id, private_key, token_uri } = content ?? {};
  if (type !== 'service_account' || typeof client_email !== 'string' || typeof private_key !== 'string')
    throw refused('is no key of a service account');
  const tokenUrl = typeof token_uri === 'string' ? token_uri : 'https://oauth2.googleapis.com/token';
  const { protocol, hostname } = URL.canParse(tokenUrl) ? new URL(tokenUrl) : { protocol: '', hostname: '' };
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    throw refused('has a token_uri that is no https: address');
  try {
    const key = createPrivateKey(private_key);
    return { email: client_email, keyId: String(private_key_id ?? ''), key, tokenUrl };
  } catch {
    // The cause might show a part of the key.
    throw refused('has a private_key that is none');
  }
}

async function tokenByKey(account: ServiceAccountKey, path: string, scope: string): Promise<BearerToken> {
  const answer = await request('The token service of Google', async () => claimRequest(account, scope));
  if (answer.status !== 200) {
    const { error } = fieldsOf(answer);
    throw new ObjectStoreError(
      `Google gives no token for the key in ${path} (${answer.status}${typeof error === 'string' ? ` ${error}` : ''}): is the key deleted, or the clock of this machine wrong?`,
    );
  }
  return tokenOf('The token service of Google', answer);
}

function claimRequest({ email, keyId, key, tokenUrl }: ServiceAccountKey, scope: string): SignedRequest {
  const now = Math.floor(Date.now() / 1_000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: keyId });
  const claim = encode({ iss: email, scope, aud: tokenUrl, iat: now, exp: now + claimSeconds });
  const signature = sign('RSA-SHA256', Buffer.from(`${header}.${claim}`), key).toString('base64url');
  return {
    url: tokenUrl,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: `${header}.${claim}.${signature}`,
    }).toString(),
  };
}

function machineToken(environment: Variables): () => Promise<BearerToken> {
  const host = environment['GCE_METADATA_HOST'] || 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  return async () => {
    let answer: StoreAnswer;
    try {
      answer = await request(
        'The metadata server of Google Cloud',
        async () => ({ url, method: 'GET', headers: { 'metadata-flavor': 'Google' } }),
        { ...usualBounds, timeoutMs: metadataTimeoutMs },
      );
    } catch (cause) {
      throw new ObjectStoreError(
        'No credentials for Google Cloud: set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account’s key, or run where Google gives the machine an identity (Compute Engine, Cloud Run, GKE).',
        { cause },
      );
    }
    if (answer.status !== 200) {
      throw new ObjectStoreError(
        `The metadata server of Google Cloud gives no token (${answer.status}): does this machine have a service account?`,
      );
    }
    return tokenOf('The metadata server of Google Cloud', answer);
  };
}

function tokenOf(service: string, answer: StoreAnswer): BearerToken {
  const { access_token, expires_in } = fieldsOf(answer);
  return bearerToken(service, access_token, Date.now() + Number(expires_in ?? Number.NaN) * 1_000);
}
