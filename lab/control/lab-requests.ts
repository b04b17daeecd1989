/** Only the lab's own page, or a program on this machine, may send requests to the lab. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../src/program/loopback.ts';

/** A request that is refused, with its status. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const bodyBytesMax = 65_536;

/** A page of another host name may be an attack by DNS rebinding. @throws RequestError */
export function refuseForeignHost({ headers: { host } }: IncomingMessage): void {
  const address = `http://${host ?? ''}`;
  const isAddress = /^[^/?#@\\]+$/.test(host ?? '') && URL.canParse(address);
  if (!isAddress || !isLoopback(new URL(address).hostname)) {
    throw new RequestError(
      403,
      'The lab answers to localhost and 127.0.0.1 only: please open it by one of them.',
    );
  }
}

/** The lab can load and kill things, so no other site's page may tell it to. @throws RequestError */
export function refuseForeignOrigin({ headers: { origin, host } }: IncomingMessage): void {
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new RequestError(403, `Pages of ${origin.slice(0, 100)} may not control the lab.`);
  }
}

/** @throws RequestError */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new RequestError(415, 'Please send JSON, with content-type: application/json.');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new RequestError(413, `A body has at most ${bodyBytesMax} bytes here.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new RequestError(400, 'The body is not JSON.');
  }
}
