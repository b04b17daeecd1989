/** Every kind of store on this machine keeps files as test/object-stores/file-store.contract.ts says. */
import { describeFileStore } from './file-store.contract.ts';
import { azurite, fakeGcs, missing, startAzure, startGcs, startS3, versitygw } from './object-servers.ts';

describeFileStore({ name: 'S3 (versitygw)', skip: missing(versitygw, 'versitygw'), start: startS3 });
describeFileStore({ name: 'Azure (Azurite)', skip: missing(azurite, 'Azurite'), start: startAzure });
describeFileStore({
  name: 'Google Cloud Storage (fake-gcs-server)',
  skip: missing(fakeGcs, 'fake-gcs-server'),
  start: startGcs,
});
