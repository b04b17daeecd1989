/** What an engine says that it can do, it does with a real database; what it says that it lacks, it has no way to. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Capability, Database } from '../src/storage/engine.ts';
import { databaseAt, engines } from '../src/storage/engines.ts';
import { openTestDatabase, postgresMissing } from './postgres/postgres-databases.ts';

/** Each tries the capability; null when the database has no way to. */
const tries: Readonly<Record<Capability, (database: Database, folder: string) => Promise<void> | null>> = {
  copyFrom({ openReader }) {
    if (openReader === null) return null;
    return Promise.resolve(openReader().close());
  },
  copyInto({ openWriter }) {
    if (openWriter === null) return null;
    return openWriter('a source').then((writer) => writer.close());
  },
  liveBackup({ file }, folder) {
    if (file === null) return null;
    const options = { pagesPerStep: 64, idleShare: 0, positions: () => [], onProgress: () => undefined };
    return file
      .copyTo(join(folder, 'copy.db'), options)
      .then(({ schemaVersion }) => assert.ok(schemaVersion > 0));
  },
  async severalInstances(database) {
    const stores = [await database.open(), await database.open()];
    try {
      for (const store of [...stores, ...stores]) await store.checkWritable();
    } finally {
      for (const store of stores) await store.close();
    }
  },
};

async function withDatabase(
  engine: string,
  use: (database: Database, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  try {
    if (engine === 'sqlite') return await use(databaseAt(`sqlite:${join(folder, 'nozama.db')}`), folder);
    assert.equal(engine, 'postgres', 'this test opens no database of that engine');
    await using database = await openTestDatabase({ isEmpty: true });
    await use(databaseAt(database.url), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const missing = await postgresMissing();

for (const { name, title, lacks } of engines) {
  describe(`the capabilities of ${title}`, { skip: name === 'postgres' ? (missing ?? false) : false }, () => {
    for (const capability of Object.keys(tries) as Capability[]) {
      const reason = lacks[capability];
      test(`${capability} is ${reason === undefined ? 'there' : 'missing, and it says what to do instead'}`, () =>
        withDatabase(name, async (database, folder) => {
          await database.migrate();
          const tried = tries[capability](database, folder);
          assert.equal(tried === null, reason !== undefined);
          if (reason !== undefined) assert.match(reason, /^[A-Z].{20,}\.$/);
          await tried;
        }));
    }
  });
}
