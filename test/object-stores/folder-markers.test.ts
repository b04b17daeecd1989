/** Objects whose names end with a slash: consoles of stores make them for folders. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openContainer } from '../../src/objects/azure/azure-client.ts';
import { openGcsBucket, uploading } from '../../src/objects/gcs/gcs-client.ts';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { openBucket } from '../../src/objects/s3/s3-client.ts';
import type { StoreCall, StoreClient } from '../../src/objects/store-client.ts';
import {
  azurite,
  type Environment,
  fakeGcs,
  missing,
  startAzure,
  startGcs,
  startS3,
  versitygw,
} from './object-servers.ts';

const empty = new Uint8Array();

interface Kind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: typeof startS3;
  readonly open: (environment: Environment, address: string) => StoreClient;
  readonly putting: (key: string) => StoreCall;
}

const kinds: readonly Kind[] = [
  {
    name: 'S3 (versitygw)',
    skip: missing(versitygw, 'versitygw'),
    start: startS3,
    open: (environment) => openBucket('shop-backups', { environment }),
    putting: (key) => ({ method: 'PUT', key, body: empty }),
  },
  {
    name: 'Azure (Azurite)',
    skip: missing(azurite, 'Azurite'),
    start: startAzure,
    open: (environment, address) => openContainer(address.replace('/a/b', ''), { environment }),
    putting: (key) => ({ method: 'PUT', key, body: empty, headers: { 'x-ms-blob-type': 'BlockBlob' } }),
  },
  {
    name: 'Google Cloud Storage (fake-gcs-server)',
    skip: missing(fakeGcs, 'fake-gcs-server'),
    start: startGcs,
    open: (environment) => openGcsBucket('shop-lake', { environment }),
    putting: (key) => uploading(key, empty),
  },
];

for (const { name, skip, start, open, putting } of kinds) {
  describe(`folders made in the console of ${name}`, { skip }, () => {
    it('are no objects of a lake', async () => {
      await using server = await start();
      const client = open(server.environment, server.address);
      for (const key of ['a/b/', 'a/b/orders/']) await client.must(putting(key));
      const store = openObjectStore(server.address, 'LAKE_URL', { environment: server.environment });
      await store.write('orders/x', Buffer.from('x'));
      for (const prefix of ['', 'orders', 'orders/']) {
        const listed = await Array.fromAsync(store.list(prefix));
        assert.deepEqual(
          listed.map((object) => object.name),
          ['orders/x'],
          prefix,
        );
      }
    });
  });
}
