/** Answers of stores that the servers of the tests do not give, from a server that is scripted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { openObjectStore } from './open-object-store.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const addresses = {
  s3: () => 's3://bucket/lake',
  azure: (host: string) => `http://${host}/account/container/lake`,
  google: () => 'gs://bucket/lake',
};

/** @returns the names in a listing, or its message */
async function listFrom(kind: keyof typeof addresses, answer: Answer) {
  const server = createServer((_, outgoing) => {
    outgoing.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_ENDPOINT_URL: `http://${host}`,
    AZURE_STORAGE_SAS_TOKEN: 'sig=c',
    STORAGE_EMULATOR_HOST: host,
  };
  try {
    const store = openObjectStore(addresses[kind](host), 'LAKE_URL', { environment });
    return await Array.fromAsync(store.list('')).then(
      (listed) => listed.map(({ name }) => name),
      (error: Error) => error.message.replace(host, 'HOST'),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('a listing', () => {
  for (const kind of ['s3', 'azure', 'google'] as const) {
    it(`of ${kind} is not taken for empty when another program answers`, async () => {
      for (const body of ['', '<html></html>', '{}', 'null', '[]']) {
        assert.match(
          String(await listFrom(kind, { body })),
          /does not answer with a listing of objects: does another program answer at its address\?$/,
          body,
        );
      }
    });
  }

  it('of S3 that does not go on is refused', async () => {
    const page = (more: string) =>
      `<ListBucketResult><Contents><Key>lake/x</Key></Contents>${more}</ListBucketResult>`;
    assert.deepEqual(await listFrom('s3', { body: page('<IsTruncated>false</IsTruncated>') }), ['x']);
    for (const token of ['', '<NextContinuationToken></NextContinuationToken>']) {
      assert.equal(
        await listFrom('s3', { body: page(`<IsTruncated>true</IsTruncated>${token}`) }),
        's3://bucket lists its first objects alone: it does not know the second version of listings (list-type=2). Use another store.',
      );
    }
  });

  it('of Azure has names that XML can’t hold', async () => {
    const body =
      '<EnumerationResults><Blobs><Blob><Name>lake/a%20b</Name></Blob><Blob><Name Encoded="true">lake%2Fb%EF%BF%BE%20c</Name></Blob></Blobs></EnumerationResults>';
    assert.deepEqual(await listFrom('azure', { body }), ['a%20b', 'b\ufffe c']);
  });
});

describe('a refusal of S3', () => {
  const refusals: readonly (readonly [Answer, string])[] = [
    [
      {
        status: 301,
        headers: { 'x-amz-bucket-region': 'eu-west-1' },
        body: '<Code>PermanentRedirect</Code>',
      },
      '(301 PermanentRedirect): the bucket is in another region; set AWS_REGION to eu-west-1.',
    ],
    [{ status: 301 }, '(301): the bucket is in another region; set AWS_REGION to that one.'],
    [
      {
        status: 307,
        headers: { 'x-amz-bucket-region': 'eu-west-1"\t<x>', location: 'http://elsewhere.example/' },
      },
      '(307): the bucket is in another region; set AWS_REGION to that one.',
    ],
    [
      { status: 400, body: '<Code>ExpiredToken</Code>' },
      '(400 ExpiredToken): the session of the credentials has ended; get new ones.',
    ],
  ];
  for (const [answer, words] of refusals) {
    it(`is told with its remedy: ${words}`, async () => {
      assert.equal(await listFrom('s3', answer), `s3://bucket refuses us ${words}`);
    });
  }
});

describe('the credentials of S3', () => {
  it('are refused without being shown when no header can hold them', () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
      for (const value of [
        'never\nshown',
        'never shown',
        'never\u2026shown',
        ' never-shown',
        'never-shown\n',
      ]) {
        const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
        assert.throws(
          () => openObjectStore('s3://bucket', 'LAKE_URL', { environment: { ...keys, [name]: value } }),
          (error: Error) => {
            assert.equal(
              error.message,
              `${name} has a space, a line break or another character that no key has: copy it anew.`,
            );
            return error.name === 'ObjectStoreError';
          },
        );
      }
    }
  });
});
