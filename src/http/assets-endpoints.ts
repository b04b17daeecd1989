/** The files that pages load, each in the smallest encoding that the browser takes. */
import { z } from 'zod';
import { type Asset, findAsset, findImage } from '../web/assets.ts';
import { encodedReply, etagHeader, unchangedAnswer } from './encoded-reply.ts';
import { endpoint } from './endpoint.ts';
import { requiredText } from './parameter.ts';
import type { RequestContext } from './request-context.ts';

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
  request,
  answers: {
    304: unchangedAnswer,
    200: { description: 'The picture.', content: { 'image/svg+xml': null }, headers: etagHeader },
  },
  problems: ['route_not_found'],
  handle: (_deps, { path, context }) => sendFile(findImage(path.file), context),
});

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
