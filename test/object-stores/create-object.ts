/** A program that creates or writes one object in a folder, and prints the outcome. Arguments: folder, verb, name, content. */
import { openObjectStore } from '../../src/objects/open-object-store.ts';

const [folder = '', verb = '', name = '', content = ''] = process.argv.slice(2);
const store = openObjectStore(`file:${folder}`, 'LAKE_URL', { environment: {} });
try {
  const outcome =
    verb === 'create'
      ? await store.create(name, Buffer.from(content))
      : await store.write(name, Buffer.from(content));
  process.stdout.write(`${outcome ?? 'written'}\n`);
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
