/** Ways to break the check of API keys in the transactions of steps. See `sabotages.ts`. */
import type { Sabotage } from './sabotages.ts';

export const accessSabotages: readonly Sabotage[] = [
  {
    name: 'take steps by keys that were revoked since they were read',
    file: 'src/domain/grant.ts',
    find: 'return grant === null || rights.get(grant.keyId) === grant.rights;',
    replace: 'return grant === null || rights !== null;',
    tests: ['test/journeys/revoked-keys.test.ts'],
  },
  {
    name: 'SQLite: check keys in a batch as if none were ever revoked',
    file: 'src/storage/sqlite/access.ts',
    find: 'api_keys WHERE key_id = ? AND revoked_at_ms IS NULL`,',
    replace: 'api_keys WHERE key_id = ?`,',
    tests: ['test/sqlite-store.test.ts'],
    only: 'a step by an API key',
  },
  {
    name: 'answer a remembered key without reading it where no batch has checked it',
    file: 'src/http/serve-endpoint.ts',
    find: 'if (statusOf(given) < 400) return given;',
    replace: 'if (given !== accessChanged) return given;',
    tests: ['test/journeys/revoked-keys.test.ts'],
  },
  {
    name: 'refuse a revoked key on a connection that stays open after a body that was not read',
    file: 'src/http/serve-endpoint.ts',
    find: 'return isProblem(unparsed) ? { ...now, headers: { ...now.headers, ...unparsed.headers } } : now;',
    replace: 'return now;',
    tests: ['test/journeys/revoked-keys.test.ts'],
  },
  {
    name: 'PostgreSQL: check keys in a batch as if none were ever revoked',
    file: 'src/storage/postgres/access.ts',
    find: 'ANY($1::uuid[]) AND revoked_at_ms IS NULL',
    replace: 'ANY($1::uuid[])',
    tests: ['test/postgres-store.test.ts'],
    only: 'a step by an API key',
  },
  {
    name: 'forget the keys of steps that join a batch',
    file: 'src/storage/server/commit-batch.ts',
    find: 'new Map([...first.rightsByKey, ...second.rightsByKey])',
    replace: 'first.rightsByKey',
    tests: ['test/postgres/joined-batches.test.ts'],
  },
];
