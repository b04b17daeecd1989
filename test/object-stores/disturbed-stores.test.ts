/** Every kind of store on this machine is disturbed as test/object-stores/disturbed-store.contract.ts says. */
import { type DisturbedKind, describeDisturbedStore } from './disturbed-store.contract.ts';
import { azurite, fakeGcs, missing, startAzure, startGcs, startS3, versitygw } from './object-servers.ts';

const kinds: readonly DisturbedKind[] = [
  {
    name: 'S3 (versitygw)',
    skip: missing(versitygw, 'versitygw'),
    start: startS3,
    creating: /^PUT .*if-none-match/,
    writing: /^PUT /,
    reading: /^GET /,
    wrong: { AWS_SECRET_ACCESS_KEY: 'never-to-be-seen-either' },
    wrongWords: /refuses us \(403 \w+\): look at the AWS credentials/,
    nowhere: (address) => address.replace('shop-backups', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it/,
  },
  {
    name: 'Azure (Azurite)',
    skip: missing(azurite, 'Azurite'),
    start: startAzure,
    creating: /^PUT .*if-none-match/,
    writing: /^PUT /,
    reading: /^GET /,
    wrong: { AZURE_STORAGE_SAS_TOKEN: 'sv=2021-10-04&sig=never-to-be-seen' },
    wrongWords: /refuses us \(403 \w+\): look at AZURE_STORAGE_SAS_TOKEN/,
    nowhere: (address) => address.replace('/backups/', '/elsewhere/'),
    nowhereWords: /there is no such container\. Create it/,
  },
  {
    name: 'Google Cloud Storage (fake-gcs-server)',
    skip: missing(fakeGcs, 'fake-gcs-server'),
    start: startGcs,
    creating: /^POST .*ifGenerationMatch=0/,
    writing: /^POST /,
    reading: /^GET /,
    // It takes all credentials: test/object-stores/google-credentials.test.ts.
    wrong: {},
    wrongWords: /^$/,
    nowhere: (address) => address.replace('shop-lake', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it|answered 404/,
  },
];

for (const kind of kinds) describeDisturbedStore(kind);
