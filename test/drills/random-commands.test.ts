/** Random commands on SQLite; see random-commands.ts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { OpenedStore } from '../order-store/opened-store.ts';
import { describeRandomCommands } from './random-commands.ts';

describeRandomCommands('SQLite', async (): Promise<OpenedStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const store = await openSqliteStore({ file });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = await openSqliteStore({ file });
      return current;
    },
    async dispose() {
      await current.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
