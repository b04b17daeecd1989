/** Access to Azure Blob Storage: by a shared access signature, or by the identity that Azure gives the app. */
import { type BearerToken, keptToken } from '../bearer-token.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { request } from '../requests.ts';

/** Parts that are added to a request. */
export interface AzureAccess {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `AZURE_STORAGE_SAS_TOKEN`, else the managed identity of App Service, Functions and Container Apps at
 * the address in `IDENTITY_ENDPOINT`; `AZURE_CLIENT_ID` picks one of several identities.
 * @throws ObjectStoreError when there is neither
 */
export function openAzureAccess(environment: Variables): () => Promise<AzureAccess> {
  const signature = environment['AZURE_STORAGE_SAS_TOKEN']?.replace(/^\?/, '');
  if (signature) {
    const query = Object.fromEntries(new URLSearchParams(signature));
    return async () => ({ query, headers: {} });
  }
  const endpoint = environment['IDENTITY_ENDPOINT'];
  const secret = environment['IDENTITY_HEADER'];
  if (!endpoint || !secret) {
    throw new ObjectStoreError(
      'No credentials for the container: set AZURE_STORAGE_SAS_TOKEN, or run where Azure gives the app a managed identity (App Service, Container Apps).',
    );
  }
  return managedIdentity(endpoint, secret, environment['AZURE_CLIENT_ID']);
}

function managedIdentity(endpoint: string, secret: string, clientId: string | undefined) {
  const query = new URLSearchParams({
    'api-version': '2019-08-01',
    resource: 'https://storage.azure.com/',
    ...(clientId ? { client_id: clientId } : {}),
  });
  const readHeaders = keptToken(async () => {
    const { status, body } = await request('The managed identity', async () => ({
      url: `${endpoint}?${query}`,
      method: 'GET',
      headers: { 'x-identity-header': secret },
    }));
    if (status === 200) return readToken(body);
    throw new ObjectStoreError(
      `The managed identity gives no token for storage (${status}): is it switched on for this app, and AZURE_CLIENT_ID one of its identities?`,
    );
  });
  return async (): Promise<AzureAccess> => ({ query: {}, headers: await readHeaders() });
}

function readToken(body: Uint8Array): BearerToken {
  const { access_token, expires_on } = JSON.parse(Buffer.from(body).toString('utf8'));
  return { text: String(access_token), endsAtMs: Number(expires_on) * 1_000 };
}
