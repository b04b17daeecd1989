/** The variables with the credentials and addresses of stores of objects. */
import type { VariableGroup } from '../config/setting.ts';

export const objectStoreVariables: VariableGroup = {
  title: 'Credentials of stores of objects',
  introduction: `\`nozama backup\`, \`nozama backups\` and \`nozama restore\` read these variables when a backup is in
an object store ([docs/BACKUP.md](BACKUP.md)); so does everything that reads or writes the lake
([docs/LAKE.md](LAKE.md)). Their names are those that the programs of AWS, Azure, Google and
Hadoop have for them. A service without
LAKE_URL and BIGQUERY_DATASET does not read them.`,
  variables: [
    { name: 'AWS_ACCESS_KEY_ID', description: 'The key for an S3-compatible store.' },
    { name: 'AWS_SECRET_ACCESS_KEY', description: 'The secret of that key.', isSecret: true },
    { name: 'AWS_SESSION_TOKEN', description: 'The token of temporary credentials.', isSecret: true },
    {
      name: 'AWS_SHARED_CREDENTIALS_FILE',
      description:
        'The file of profiles that is read without a key, and again when it changes. `~/.aws/credentials` without it.',
      example: '/etc/nozama/aws-credentials',
    },
    {
      name: 'AWS_PROFILE',
      description: 'The profile in that file. `default` without it.',
      example: 'shop',
    },
    {
      name: 'AWS_REGION',
      description: 'The region of the bucket. `AWS_DEFAULT_REGION` without it, else `us-east-1`.',
      example: 'eu-central-1',
    },
    { name: 'AWS_DEFAULT_REGION', description: 'The region when AWS_REGION is not given.' },
    {
      name: 'AWS_ENDPOINT_URL_S3',
      description:
        'The address of another store than AWS’s own: MinIO, Ceph, R2. An `https:` address, or an `http:` address of this machine.',
      example: 'https://minio.example',
    },
    { name: 'AWS_ENDPOINT_URL', description: 'That address when AWS_ENDPOINT_URL_S3 is not given.' },
    {
      name: 'AZURE_STORAGE_SAS_TOKEN',
      description: 'A shared access signature with the rights read, write, delete and list.',
      isSecret: true,
    },
    {
      name: 'AZURE_CLIENT_ID',
      description: 'Which of the managed identities of an app is used. Without it the only one.',
    },
    {
      name: 'IDENTITY_ENDPOINT',
      description: 'Set by App Service and Container Apps: where the managed identity gives tokens.',
    },
    { name: 'IDENTITY_HEADER', description: 'Set by them too, with IDENTITY_ENDPOINT.', isSecret: true },
    {
      name: 'GOOGLE_APPLICATION_CREDENTIALS',
      description:
        'The JSON file of a service account’s key, for Google Cloud. Without it the machine’s own identity (Compute Engine, Cloud Run, GKE).',
      example: '/etc/nozama/google-key.json',
    },
    {
      name: 'GCE_METADATA_HOST',
      description: 'Where the machine’s identity gives tokens. `metadata.google.internal` without it.',
    },
    {
      name: 'STORAGE_EMULATOR_HOST',
      description:
        'The address of an emulator of Google Cloud Storage, which is asked without credentials. An `https:` address, or one of this machine.',
      example: 'http://127.0.0.1:4443',
    },
    {
      name: 'BIGQUERY_EMULATOR_HOST',
      description:
        'The address of an emulator of BigQuery, which is asked without credentials. An `https:` address, or one of this machine.',
      example: 'http://127.0.0.1:9050',
    },
    {
      name: 'HADOOP_USER_NAME',
      description: 'The user of WebHDFS on a cluster without Kerberos.',
      example: 'nozama',
    },
    {
      name: 'WEBHDFS_DELEGATION_TOKEN',
      description:
        'A delegation token for WebHDFS, on a cluster with Kerberos. It ends, and Nozama does not renew it.',
      isSecret: true,
    },
  ],
};
