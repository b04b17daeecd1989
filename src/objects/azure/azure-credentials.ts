/** Access to Azure Blob Storage: by a shared access signature, or by the identity that Azure gives the app. */
import { fieldsOf } from '../answer-fields.ts';
import { bearerToken, type KeptToken, keptToken } from '../bearer-token.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { request } from '../requests.ts';

export interface AzureAccess {
  /** Parts that are added to a request. @throws ObjectStoreError when there is no token to be had */
  grant(): Promise<Grant>;
  /** Of the token, without which there is none. */
  readonly forget?: KeptToken['forget'];
}

interface Grant {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `AZURE_STORAGE_SAS_TOKEN`, else the managed identity of App Service, Functions and Container Apps at
 * the address in `IDENTITY_ENDPOINT`; `AZURE_CLIENT_ID` picks one of several identities.
 * @throws ObjectStoreError when there is neither
 */
export function openAzureAccess(environment: Variables): AzureAccess {
  const signature = environment['AZURE_STORAGE_SAS_TOKEN']?.replace(/^\?/, '');
  if (signature) {
    const query = Object.fromEntries(new URLSearchParams(signature));
    return { grant: async () => ({ query, headers: {} }) };
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

function managedIdentity(endpoint: string, secret: string, clientId: string | undefined): AzureAccess {
  const query = new URLSearchParams({
    'api-version': '2019-08-01',
    resource: 'https://storage.azure.com/',
    ...(clientId ? { client_id: clientId } : {}),
  });
  const token = keptToken(async () => {
    const answer = await request('The managed identity', async () => ({
      url: `${endpoint}?${query}`,
      method: 'GET',
      headers: { 'x-identity-header': secret },
    }));
    if (answer.status !== 200) {
      throw new ObjectStoreError(
        `The managed identity gives no token for storage (${answer.status}): is it switched on for this app, and AZURE_CLIENT_ID one of its identities?`,
      );
    }
    const { access_token, expires_on } = fieldsOf(answer);
    return bearerToken('The managed identity', access_token, Number(expires_on ?? Number.NaN) * 1_000);
  });
  return { grant: async () => ({ query: {}, headers: await token() }), forget: token.forget };
}
