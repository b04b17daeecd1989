/** docs/openapi.json: the interface as it is, so that a change of it is seen in review. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpoints } from '../src/http/endpoints.ts';
import { makeOpenApiDocument } from '../src/http/openapi.ts';
import { finish } from '../src/runtime/slices.ts';
import type { Document } from './configuration-documents.ts';

/** The document as it must be; `make docs` writes it. */
export function openApiSnapshot(): Document {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  const document = finish(makeOpenApiDocument(endpoints, version, null));
  return { path: 'docs/openapi.json', text: `${JSON.stringify(document, null, 2)}\n` };
}
