/** Every kind of store keeps the contract of objects. */
import { azurite, fakeGcs, missing, startAzure, startGcs, startS3, versitygw } from './object-servers.ts';
import { describeObjectStore, startFolder } from './object-store.contract.ts';

describeObjectStore({ name: 'a folder', skip: false, start: startFolder });
describeObjectStore({ name: 'S3 (versitygw)', skip: missing(versitygw, 'versitygw'), start: startS3 });
describeObjectStore({ name: 'Azure (Azurite)', skip: missing(azurite, 'Azurite'), start: startAzure });
describeObjectStore({
  name: 'Google Cloud Storage (fake-gcs-server)',
  skip: missing(fakeGcs, 'fake-gcs-server'),
  start: startGcs,
});
