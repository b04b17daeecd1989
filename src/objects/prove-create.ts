/** Proves that a store honours `create`: many stores of S3's kind take the condition, and overwrite all the same. */
import { randomUUID } from 'node:crypto';
import type { CreateOutcome, ObjectStore } from './object-store.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { temporaryFolder } from './store-below.ts';

/**
 * Creates an object twice, and removes it. Not finding it first tells a wrong address or wrong credentials apart from a
 * store that can't do it.
 * @throws ObjectStoreError when the store can't be reached or used, or creates an object that is there
 */
export async function proveCreate(store: ObjectStore): Promise<void> {
  const name = `${temporaryFolder}probe-${randomUUID()}`;
  const content = Buffer.from('Nozama looks whether this store creates an object twice.\n');
  await store.read(name);
  const outcomes: CreateOutcome[] = [];
  try {
    for (let count = 1; count <= 2; count += 1) outcomes.push(await store.create(name, content));
  } finally {
    await store.remove(name);
  }
  const [first, second] = outcomes;
  if (first === 'created' && second === 'exists') return;
  if (second === 'created' || first === 'exists') {
    throw new ObjectStoreError(
      `${store.description} does not create an object only if it is absent: two writers would overwrite each other. Use a store with conditional writes.`,
    );
  }
  throw new ObjectStoreError(
    `${store.description} does not answer in time whether an object was created. Try again when it does.`,
  );
}
