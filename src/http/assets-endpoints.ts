/** The files that pages load, each in the smallest encoding that the browser takes. */
import { z } from 'zod';
import { pathnameOf } from '../runtime/request-target.ts';
import { type Asset, findAsset, findImage } from '../web/assets.ts';
import { encodingPreferenceOf } from './content-negotiation.ts';
import { endpoint } from './endpoint.ts';
import { matchesEtag } from './entity-tag.ts';
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

const etag = { etag: { description: 'Weak, as one stands for every encoding.' } };

const answers = {
  304: { description: 'Unchanged since the ETag in If-None-Match.', headers: etag },
} as const;

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
    ...answers,
    200: {
      description: 'The file.',
      content: { 'text/css': null, 'text/javascript': null },
      headers: etag,
    },
  },
  problems: ['route_not_found'],
  handle: (_deps, { context }) => sendFile(findAsset(pathnameOf(context.request.url)), context),
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
    ...answers,
    200: { description: 'The picture.', content: { 'image/svg+xml': null }, headers: etag },
  },
  problems: ['route_not_found'],
  handle: (_deps, { context }) => sendFile(findImage(pathnameOf(context.request.url)), context),
});

function sendFile<ContentType extends string>(
  file: Asset<ContentType> | null,
  { request: { headers: sent } }: RequestContext,
) {
  if (file === null) return { code: 'route_not_found' } as const;
  const { etag, contentType: mediaType } = file;
  const headers = { 'cache-control': file.cacheControl, etag, vary: 'Accept-Encoding' };
  if (matchesEtag(sent.get('if-none-match'), etag)) return { status: 304, headers } as const;
  const encoding = encodingPreferenceOf(sent);
  if (encoding === 'identity') return { status: 200, headers, mediaType, body: file.body } as const;
  const body = encoding === 'br' ? file.brotli : file.gzip;
  return { status: 200, headers: { ...headers, 'content-encoding': encoding }, mediaType, body } as const;
}

export const assetsEndpoints = [asset, image];
