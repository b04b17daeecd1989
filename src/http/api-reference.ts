/**
 * The API reference, as JSON and as a page. Each is made when a client first asks for it, and kept: making both takes
 * 60 to 90 ms, once in a process, during which other requests wait. At each start it was a quarter of the work, and most
 * processes are never asked (decision 20).
 */
import { type EncodedBytes, encodedBytes } from '../web/encoded-bytes.ts';
import type { OpenApiDocument } from '../web/reference/openapi-document.ts';
import { renderReferencePage } from '../web/reference/reference-page.ts';

export interface ApiReference {
  /** The OpenAPI document, as JSON. */
  openApi(): EncodedBytes;
  page(): EncodedBytes;
}

export function createApiReference(makeDocument: () => OpenApiDocument, basePath: string): ApiReference {
  const document = madeOnce(makeDocument);
  return {
    openApi: madeOnce(() => encodedBytes(Buffer.from(JSON.stringify(document())))),
    page: madeOnce(() => encodedBytes(Buffer.from(renderReferencePage(document(), basePath)))),
  };
}

function madeOnce<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
