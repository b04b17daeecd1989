/**
 * Requests to data nodes. They answer `100 Continue` although nobody asked for it, which Node's `fetch` takes for a broken
 * answer.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { pipeline } from 'node:stream';
import type { Exchange } from '../requests.ts';

export interface SentFile {
  readonly path: string;
  /** Of the whole file. */
  readonly bytes: number;
}

/** @param file is the body; null when the request has its own, or none */
export function exchangeWithDataNode(file: SentFile | null): Exchange {
  return async ({ url, method, headers, body }, { signal }) => {
    const target = new URL(url);
    const request = target.protocol === 'https:' ? requestByHttps : requestByHttp;
    const bytes = file?.bytes ?? (body === undefined ? null : Buffer.byteLength(body));
    const length = bytes === null ? {} : { 'content-length': bytes };
    const sent = request(target, { method, headers: { ...headers, ...length }, agent: false, signal });
    // Once there is an answer, its chunks tell of errors.
    sent.on('error', () => undefined);
    if (file === null) sent.end(body);
    else pipeline(createReadStream(file.path), sent, () => undefined);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
    return {
      status: response.statusCode ?? 0,
      headers: new Headers(Object.fromEntries(entries)),
      chunks: response,
    };
  };
}
