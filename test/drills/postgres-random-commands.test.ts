/** Random commands on PostgreSQL; see random-commands.ts. */
import { describe, test } from 'node:test';
import { openStoreOn } from '../postgres/opened-postgres-store.ts';
import { openTestDatabase, postgresMissing } from '../postgres/postgres-databases.ts';
import { describeRandomCommands } from './random-commands.ts';

/** Of the commands that SQLite is given: a shop takes longer to make here. */
const share = 0.2;

const missing = await postgresMissing();
if (missing === null) {
  describeRandomCommands('PostgreSQL', async () => openStoreOn(await openTestDatabase()), share);
} else {
  describe('random commands on PostgreSQL', () => {
    test('all', { skip: missing }, () => undefined);
  });
}
