/** Writes the documents that come from declarations in the source. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationDocuments } from './configuration-documents.ts';
import { lakeDocument } from './lake-document.ts';
import { openApiSnapshot } from './openapi-document.ts';

for (const { path, text } of [...configurationDocuments(), lakeDocument(), openApiSnapshot()]) {
  writeFileSync(join(import.meta.dirname, '..', path), text);
  process.stdout.write(`${path} is written.\n`);
}
