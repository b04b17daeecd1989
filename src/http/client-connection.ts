import type { HttpDependencies } from './dependencies.ts';
import type { RequestContext } from './request-context.ts';

/** Whether the client talks TLS to us or to a proxy of ours. */
export function isSecure({ publicUrl, trustProxy }: HttpDependencies, { request }: RequestContext): boolean {
  if (publicUrl?.startsWith('https:') === true) return true;
  return trustProxy && request.headers.get('x-forwarded-proto') === 'https';
}
