/** HDFS: the same contracts as of the other stores, and name nodes of old versions. One cluster serves all of them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { partNames } from '../../../src/backup/backup-location.ts';
import { newBackupName } from '../../../src/backup/backup-name.ts';
import { openLocation } from '../../../src/backup/open-location.ts';
import { proveCreate } from '../../../src/objects/prove-create.ts';
import { describeExactlyOnce } from '../../lake/exactly-once.contract.ts';
import { describeBackups } from '../backups.contract.ts';
import { describeDisturbedStore } from '../disturbed-store.contract.ts';
import { describeFileStore, openFiles } from '../file-store.contract.ts';
import { hdfsJars, missing, type ObjectServer, startHdfs } from '../object-servers.ts';
import { describeObjectStore, textOf } from '../object-store.contract.ts';
import { overwrites, withProxy } from '../through-a-proxy.ts';

const skip = missing(hdfsJars, 'HDFS', 'scripts/test-hdfs.sh');

describe('HDFS', { skip }, () => {
  let server: ObjectServer;
  before(async () => {
    if (skip === false) server = await startHdfs();
  });
  after(async () => server?.[Symbol.asyncDispose]());

  const name = 'HDFS (WebHDFS)';
  /** It ends with all of these tests. */
  const start = async (): Promise<ObjectServer> => ({ ...server, async [Symbol.asyncDispose]() {} });

  // Of a cluster that lists 100 files at a time.
  describeObjectStore({ name, skip, start, refusedNames: ['a:b'], pageMax: 100 });

  describeFileStore({ name, skip, start });

  describeDisturbedStore({
    name,
    skip,
    start,
    creating: /^PUT .*op=RENAME.*NONE/,
    writing: /^PUT .*op=RENAME.*OVERWRITE/,
    reading: /^GET .*op=OPEN/,
    wrong: { HADOOP_USER_NAME: 'stranger' },
    wrongWords: /refuses us \(403 AccessControlException\): look at HADOOP_USER_NAME/,
    // A folder is made when it is missing. This one is not ours.
    nowhere: (address) => address.replace('/shops/a', '/elsewhere'),
    nowhereWords: /refuses us \(403 AccessControlException\)/,
  });

  describe('a name node', { skip }, () => {
    it('that ignores the option of RENAME is taken: it never overwrites, and says false', () =>
      withProxy(server, async (proxy, open) => {
        const seen = proxy.disturb('lose request', /op=RENAME/, 0);
        proxy.alter((target) => target.replace('&renameoptions=NONE', ''));
        const store = open();
        await proveCreate(store);
        assert.equal(await store.create('log/0', Buffer.from('first')), 'created');
        assert.equal(await store.create('log/0', Buffer.from('second')), 'exists');
        assert.equal(await textOf(store, 'log/0'), 'first');
        assert.equal(seen.count, 4);
      }));

    it('that overwrites is refused', () =>
      withProxy(server, async (proxy, open) => {
        proxy.alter((target) => target.replace('renameoptions=NONE', 'renameoptions=OVERWRITE'));
        await assert.rejects(proveCreate(open()), overwrites);
      }));

    it('that does not rename over a file is refused', () =>
      withProxy(server, async (proxy, open) => {
        proxy.alter((target) => target.replace('&renameoptions=OVERWRITE', ''));
        const store = open();
        await store.write('written', Buffer.from('first'));
        await assert.rejects(
          store.write('written', Buffer.from('second')),
          /can't rename a file over another one: this version of WebHDFS can't be used/,
        );
        assert.equal(await textOf(store, 'written'), 'first');
      }));

    it('that redirects to data nodes, as it is asked not to, is followed', () =>
      withProxy(server, async (proxy, open) => {
        proxy.alter((target) => target.replace('&noredirect=true', ''));
        const store = open();
        assert.equal(await store.create('log/redirected', Buffer.from('content')), 'created');
        assert.equal(await textOf(store, 'log/redirected'), 'content');
        assert.equal(await store.read('log/none'), null);
      }));
  });

  it('keeps a backup where its owner alone can read it, and no folder of one that was removed', async () => {
    const { address, environment } = server;
    const at = address.replace('/a/b', '/owned');
    const [, host = '', folder = ''] = /^webhdfs:\/\/([^/]+)(.*)$/.exec(at) ?? [];
    const statusOf = async (path: string) => {
      const query = new URLSearchParams({ op: 'GETFILESTATUS', 'user.name': 'nozama' });
      const answer = await fetch(`http://${host}/webhdfs/v1${folder}/${path}?${query}`);
      const { FileStatus } = (await answer.json()) as { FileStatus?: { permission: string } };
      return FileStatus?.permission ?? answer.status;
    };
    const location = openLocation(at, environment);
    const backup = newBackupName(Date.now());
    const draft = await location.begin(backup);
    try {
      for (const part of [partNames.database, partNames.manifest])
        writeFileSync(join(draft.folder, part), part);
      await draft.commit([partNames.database, partNames.manifest]);
      // As a run leaves it that is killed while it writes.
      const files = openFiles(at, environment);
      await files.write(`${backup}/${partNames.orderKey}.part`, join(draft.folder, partNames.manifest));
    } finally {
      draft.discard();
    }
    assert.equal(await statusOf(backup), '700');
    assert.equal(await statusOf(`${backup}/${partNames.database}`), '600');
    await location.remove(backup);
    assert.equal(await statusOf(backup), 404);
  });

  describeExactlyOnce({ name, skip, start, creating: /^PUT .*op=RENAME.*NONE/ });

  // The last, because it ends with a cluster that is away.
  describeBackups({
    name,
    skip,
    start,
    nowhere: (address) => address.replace('/shops/a/b', '/elsewhere'),
    nowhereWords: /refuses us \(403 AccessControlException\): look at HADOOP_USER_NAME/,
    wrong: { HADOOP_USER_NAME: 'stranger' },
    none: { HADOOP_USER_NAME: '' },
    noneWords: /^No user for WebHDFS: set HADOOP_USER_NAME/,
  });
});
