/** The lake in every kind of store on this machine. */
import { describeExactlyOnce } from '../lake/exactly-once.contract.ts';
import { azurite, fakeGcs, missing, startAzure, startGcs, startS3, versitygw } from './object-servers.ts';
import { startFolder } from './object-store.contract.ts';

describeExactlyOnce({ name: 'a folder', skip: false, start: startFolder, creating: null });
describeExactlyOnce({
  name: 'S3 (versitygw)',
  skip: missing(versitygw, 'versitygw'),
  start: startS3,
  creating: /^PUT .*if-none-match/,
});
describeExactlyOnce({
  name: 'Azure (Azurite)',
  skip: missing(azurite, 'Azurite'),
  start: startAzure,
  creating: /^PUT .*if-none-match/,
});
describeExactlyOnce({
  name: 'Google Cloud Storage (fake-gcs-server)',
  skip: missing(fakeGcs, 'fake-gcs-server'),
  start: startGcs,
  creating: /^POST .*ifGenerationMatch=0/,
});
