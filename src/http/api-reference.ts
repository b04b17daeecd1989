/**
 * The API reference, as JSON and as a page. Each is made when a client first asks for it, and kept: at each start, making
 * both was a quarter of the work, and most processes are never asked (decision 20). It takes 60 to 90 ms of the
 * serving thread, in slices between which the event loop goes on.
 */
import { madeOnce } from '../program/made-once.ts';
import { finishInSlices, type Slices } from '../runtime/slices.ts';
import { type EncodedBytes, encodedBytes } from '../web/encoded-bytes.ts';
import type { OpenApiDocument } from '../web/reference/openapi-document.ts';
import { renderReferencePage } from '../web/reference/reference-page.ts';

export interface ApiReference {
  /** The OpenAPI document, as JSON. */
  openApi(): Promise<EncodedBytes>;
  page(): Promise<EncodedBytes>;
}

const sliceMs = 1;

export function createApiReference(
  makeDocument: () => Slices<OpenApiDocument>,
  basePath: string,
): ApiReference {
  const document = madeOnce(() => finishInSlices(makeDocument(), sliceMs));
  return {
    openApi: madeOnce(async () => encodedBytes(Buffer.from(JSON.stringify(await document())))),
    page: madeOnce(async () => {
      const page = await finishInSlices(renderReferencePage(await document(), basePath), sliceMs);
      return encodedBytes(Buffer.from(page));
    }),
  };
}
