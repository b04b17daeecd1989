/** Refusals and lost answers that S3 alone has, in versitygw. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { partBytes } from '../../src/objects/requests.ts';
import { inFolder } from '../journeys/open-shop.ts';
import { openFiles } from './file-store.contract.ts';
import { missing, type ObjectServer, startS3, versitygw } from './object-servers.ts';
import { openStoreProxy } from './store-proxy.ts';

const skip = missing(versitygw, 'versitygw');

describe('a bucket of S3 (versitygw)', { skip }, () => {
  let server: ObjectServer;
  before(async () => {
    if (skip === false) server = await startS3();
  });
  after(async () => server?.[Symbol.asyncDispose]());

  it('names its region when another is set', async () => {
    const environment = { ...server.environment, AWS_REGION: 'eu-central-1' };
    const store = openObjectStore(server.address, 'LAKE_URL', { environment });
    for (const call of [() => store.read('x'), () => store.create('x', Buffer.from(''))]) {
      await assert.rejects(
        call,
        /^ObjectStoreError: .* \(400 AuthorizationHeaderMalformed\): the bucket is in another region; set AWS_REGION to us-east-1\.$/,
      );
    }
  });

  it('is refused when the clock of this machine is wrong', async (t) => {
    const store = openObjectStore(server.address, 'LAKE_URL', { environment: server.environment });
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 });
    await assert.rejects(
      store.read('x'),
      /\(403 RequestTimeTooSkewed\): the clock of this machine is wrong; set it right\.$/,
    );
  });

  it('has a large file when the answer to the end of its upload is lost, or cut short by a gateway', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'file');
      const content = randomBytes(partBytes + 1);
      writeFileSync(path, content);
      const host = /127\.0\.0\.1:\d+/;
      await using proxy = await openStoreProxy(
        host.exec(server.environment['AWS_ENDPOINT_URL'] ?? '')?.[0] ?? '',
      );
      const store = openFiles(server.address, {
        ...server.environment,
        AWS_ENDPOINT_URL: `http://${proxy.host}`,
      });
      for (const disturbance of ['lose answer', 'bad gateway'] as const) {
        const seen = proxy.disturb(disturbance, /^POST .*uploadId=/, 1);
        await store.write(disturbance, path);
        assert.equal(seen.count, 2);
        const chunks = (await store.read(disturbance)) ?? assert.fail();
        assert.ok(content.equals(Buffer.concat(await Array.fromAsync(chunks))));
      }
    });
  });
});
