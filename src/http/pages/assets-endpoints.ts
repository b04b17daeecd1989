/** The files that pages load, each in the smallest encoding that the browser takes. */
import { z } from 'zod';
import { hashInImagePath, imagePath } from '../../domain/product-image.ts';
import { type Asset, findAsset, findImage } from '../../web/assets.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { encodedReply, etagHeader, unchangedAnswer } from '../encoded-reply.ts';
import { endpoint } from '../endpoint.ts';
import { matchesEtag } from '../request/entity-tag.ts';
import { requiredText } from '../request/parameter.ts';
import type { RequestContext } from '../request/request-context.ts';

const request = {
  path: {
    file: requiredText({
      description: 'Name of the file.',
      schema: z.string(),
      mustBe: 'the name of a file',
      problem: 'route_not_found',
    }),
  },
};

const asset = endpoint({
  id: 'getAsset',
  method: 'GET',
  path: '/assets/:file',
  tag: 'Pages',
  summary: 'A style sheet or script of a page',
  description: 'Its address changes with its content; pages name it.',
  scope: 'public',
  problemForm: 'page_if_wanted',
  onlyMissesCount: true,
  request,
  answers: {
    304: unchangedAnswer,
    200: {
      description: 'The file.',
      content: { 'text/css': null, 'text/javascript': null },
      headers: etagHeader,
    },
  },
  problems: ['route_not_found'],
  handle: (_deps, { path, context }) => sendFile(findAsset(path.file), context),
});

const image = endpoint({
  id: 'getImage',
  method: 'GET',
  path: '/images/:file',
  tag: 'Pages',
  summary: 'A picture of a product',
  description: 'A product’s image_url names it.',
  scope: 'public',
  problemForm: 'page_if_wanted',
  onlyMissesCount: true,
  request,
  answers: {
    304: unchangedAnswer,
    200: {
      description: 'The picture.',
      content: {
        'image/svg+xml': null,
        'image/png': null,
        'image/jpeg': null,
        'image/webp': null,
        'image/avif': null,
      },
      headers: etagHeader,
    },
  },
  problems: ['route_not_found', 'store_unavailable'],
  handle(deps, { path, context }) {
    const hash = hashInImagePath(`/images/${path.file}`);
    return hash === null ? sendFile(findImage(path.file), context) : sendKept(deps, hash, path.file, context);
  },
});

/** The address holds the hash of the bytes, so that they never change. */
async function sendKept(
  { store }: HttpDependencies,
  hash: string,
  file: string,
  { request }: RequestContext,
) {
  const kept = await store.findImage(hash);
  if (kept === null || imagePath(kept) !== `/images/${file}`) return { code: 'route_not_found' } as const;
  const etag = `"${hash}"`;
  const headers = { etag, 'cache-control': 'public, max-age=31536000, immutable' };
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return { status: 304, headers } as const;
  return { status: 200, headers, mediaType: kept.mediaType, body: kept.bytes } as const;
}

async function sendFile<ContentType extends string>(
  file: Asset<ContentType> | null,
  { request }: RequestContext,
) {
  if (file === null) return { code: 'route_not_found' } as const;
  const { headers, bytes } = await encodedReply(file.bytes, file.cacheControl, request.headers);
  if (bytes === null) return { status: 304, headers } as const;
  return { status: 200, headers, mediaType: file.contentType, body: bytes } as const;
}

export const assetsEndpoints = [asset, image];
