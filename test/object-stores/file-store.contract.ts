/** What every store of files promises, against real servers of others' making. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FileStore } from '../../src/objects/file-store.ts';
import { partBytes } from '../../src/objects/requests.ts';
import { kindOf, remoteKinds } from '../../src/objects/store-kinds.ts';
import { inFolder } from '../journeys/open-shop.ts';
import type { Environment } from './object-servers.ts';
import type { StartedStore } from './object-store.contract.ts';

export interface FileStoreKind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<StartedStore>;
}

export function openFiles(address: string, environment: Environment): FileStore {
  const opened = kindOf(address, remoteKinds)?.openFiles(address, { environment });
  assert.ok(opened, address);
  return opened.store;
}

async function contentOf(store: FileStore, key: string): Promise<Buffer | null> {
  const chunks = await store.read(key);
  return chunks === null ? null : Buffer.concat(await Array.fromAsync(chunks));
}

export function describeFileStore({ name: kind, skip, start }: FileStoreKind): void {
  describe(`files in ${kind}`, { skip }, () => {
    let started: StartedStore;
    before(async () => {
      if (skip === false) started = await start();
    });
    after(async () => started?.[Symbol.asyncDispose]());

    const open = () => openFiles(started.address, started.environment);

    it('are the bytes that were written: none, one part, and a little more', async () => {
      const store = open();
      await inFolder(async (folder) => {
        const path = join(folder, 'file');
        for (const bytes of [0, 1, partBytes, partBytes + 1]) {
          const key = `${randomUUID()}/${bytes}`;
          const content = randomBytes(bytes);
          writeFileSync(path, content);
          await store.write(key, path);
          assert.ok((await contentOf(store, key))?.equals(content), String(bytes));
          assert.deepEqual(
            (await store.list(key)).map((one) => one.key),
            [key],
          );
          await store.remove(key);
          assert.equal(await store.read(key), null);
        }
      });
    });

    it('are of one version: one that is replaced or removed while it is read is refused', async () => {
      const store = open();
      await inFolder(async (folder) => {
        const path = join(folder, 'file');
        const key = `${randomUUID()}/file`;
        for (const change of [() => store.write(key, path), () => store.remove(key)]) {
          writeFileSync(path, randomBytes(partBytes + 1));
          await store.write(key, path);
          const chunks = (await store.read(key)) ?? assert.fail();
          const iterator = chunks[Symbol.asyncIterator]();
          const { value } = await iterator.next();
          assert.equal(value?.length, partBytes);
          writeFileSync(path, randomBytes(partBytes + 1));
          await change();
          await assert.rejects(async () => {
            for (let isDone: boolean | undefined = false; !isDone; ) isDone = (await iterator.next()).done;
          }, /^ObjectStoreError: .*file was replaced or removed while it was read\. Read it again\.$/);
        }
      });
    });
  });
}
