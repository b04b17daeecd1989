/**
 * Databases for tests on a Citus cluster that this process starts and ends: each its own, cloned node by node
 * from a template that holds the distributed schema. `CITUS_BIN` names a PostgreSQL that has Citus.
 */

import { databaseAt } from '../../src/storage/engines.ts';
import type { TestDatabase } from '../postgres/postgres-databases.ts';
import { type CitusCluster, citusBin, distributeSql, startCitus } from './citus-cluster.ts';

/** Why there is no Citus here, for a test to skip with; null when there is one. */
export const citusMissing: string | null =
  citusBin() === null
    ? 'no Citus here: CITUS_BIN names no folder with the programs of a PostgreSQL that has it'
    : null;

const prefix = `nozama_test_${process.pid}`;
let cluster: Promise<CitusCluster> | undefined;
const templates = new Map<boolean, Promise<string>>();
let made = 0;

export function testCluster(): Promise<CitusCluster> {
  cluster ??= startCitus({
    bin: citusBin() ?? '',
    fsync: true,
    // Who waits in a circle over two nodes is found after twice this.
    settings: { deadlock_timeout: '100ms' },
  });
  return cluster;
}

async function makeTemplate(isEmpty: boolean): Promise<string> {
  const { coordinator, createDatabase, closeDatabase } = await testCluster();
  const name = `${prefix}_${isEmpty ? 'empty' : 'template'}`;
  await createDatabase(name);
  if (!isEmpty) {
    await databaseAt(coordinator.url(name)).migrate();
    await coordinator.query(distributeSql, name);
  }
  await closeDatabase(name);
  return name;
}

/** @param options.isEmpty without the schema: the nodes know of each other, and that is all */
export async function openCitusDatabase(options: { readonly isEmpty?: boolean } = {}): Promise<TestDatabase> {
  const { coordinator, cloneDatabase, dropDatabase } = await testCluster();
  const isEmpty = options.isEmpty === true;
  const template = templates.get(isEmpty) ?? makeTemplate(isEmpty);
  templates.set(isEmpty, template);
  made += 1;
  const name = `${prefix}_${made}`;
  await cloneDatabase(await template, name);
  return {
    url: coordinator.url(name),
    query: (sql) => coordinator.query(sql, name),
    [Symbol.asyncDispose]: () => dropDatabase(name),
  };
}
