/** Every kind of store keeps the contract of objects. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azurite, fakeGcs, missing, startAzure, startGcs, startS3, versitygw } from './object-servers.ts';
import { describeObjectStore } from './object-store.contract.ts';

async function startFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-objects-'));
  return {
    address: `file:${folder}/new/lake`,
    environment: {},
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}

describeObjectStore({ name: 'a folder', skip: false, start: startFolder });
describeObjectStore({ name: 'S3 (versitygw)', skip: missing(versitygw, 'versitygw'), start: startS3 });
describeObjectStore({ name: 'Azure (Azurite)', skip: missing(azurite, 'Azurite'), start: startAzure });
describeObjectStore({
  name: 'Google Cloud Storage (fake-gcs-server)',
  skip: missing(fakeGcs, 'fake-gcs-server'),
  start: startGcs,
});
