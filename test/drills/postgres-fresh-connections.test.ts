import { describe } from 'node:test';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { describeFreshConnections } from './fresh-connections.ts';

const missing = await postgresMissing();

if (missing === null) {
  describeFreshConnections('postgres', [
    { clients: 8, manner: 'answered' },
    { clients: 8, manner: 'abandon' },
  ]);
} else {
  describe('on postgres, fresh connections', { skip: missing }, () => undefined);
}
