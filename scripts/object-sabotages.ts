/** Sabotages of the stores of objects. */
import type { Sabotage } from './sabotages.ts';

export const objectSabotages: readonly Sabotage[] = [
  {
    name: 'objects: overwrite one that another writer has created in a folder',
    file: 'src/objects/folder/folder-objects.ts',
    find: 'await linkUnlessThere(temporary, path);',
    replace: 'await linkUnlessThere(temporary, path, rename);',
    tests: ['test/object-stores/objects.test.ts'],
  },
  {
    name: 'objects: say that nothing was created when the answer is lost',
    file: 'src/objects/requests.ts',
    find: 'if (isUnsent(error)) throw',
    replace: 'throw',
    tests: ['src/objects/requests.test.ts'],
  },
  {
    name: 'objects: take a store that overwrites',
    file: 'src/objects/prove-create.ts',
    find: "if (first === 'created' && second === 'exists') return;",
    replace: 'return;',
    tests: ['test/object-stores/unconditional-stores.test.ts'],
  },
  {
    name: 'objects: send a part of a file to Google again although its answer was lost',
    file: 'src/objects/gcs/gcs-files.ts',
    find: 'await callOnce({ ...asked, headers:',
    replace: 'await call({ ...asked, headers:',
    tests: ['src/objects/gcs/gcs-files.test.ts'],
  },
  {
    name: 'objects: send backups to a name node in the open',
    file: 'src/backup/open-location.ts',
    find: ' && sendsUnencrypted(address)',
    replace: ' && false',
    tests: ['test/object-stores/backups.test.ts'],
  },
];
