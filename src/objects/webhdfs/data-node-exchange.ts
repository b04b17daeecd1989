/**
 * Requests to data nodes. They answer `100 Continue` although nobody asked for it, which Node's `fetch` takes for a broken
 * answer.
 */
import { once } from 'node:events';
import { type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { Exchange } from '../requests.ts';

export const exchangeWithDataNode: Exchange = async ({ url, method, headers, body }, { signal }) => {
  const target = new URL(url);
  const request = target.protocol === 'https:' ? requestByHttps : requestByHttp;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request(target, { method, headers: { ...headers, ...length }, agent: false, signal });
  // Once there is an answer, its chunks tell of errors.
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(Object.fromEntries(entries)),
    chunks: response,
  };
};
