/**
 * A shop below a path of its host, such as https://host.example/shop. A proxy in front either takes that path off each
 * request or leaves it on; the service does not need to know, as its routes are there with it and without it.
 */
import { OperatorError } from '../program/operator-error.ts';
import { pathnameOf } from '../runtime/request-target.ts';
import { endpoints } from './endpoints.ts';

export class PublicUrlError extends OperatorError {
  override readonly name = 'PublicUrlError';
}

/** @param publicUrl without a slash at its end @returns see `src/web/base-path.ts` */
export function basePathOf(publicUrl: string | null): string {
  return publicUrl?.replace(/^https?:\/\/[^/]*/, '') ?? '';
}

/** @throws PublicUrlError for a path that has another meaning here: a proxy that leaves it on would lead elsewhere */
export function assertBasePathFree(publicUrl: string | null): void {
  const [, first] = basePathOf(publicUrl).split('/');
  if (first === undefined || !endpoints.some(({ path }) => path.split('/')[1] === first)) return;
  throw new PublicUrlError(
    `PUBLIC_URL has a path that begins with /${first}, where the service has addresses of its own. Choose another path.`,
  );
}

/** Where an endpoint answers. Below a base path the shop page has two addresses: people leave out the slash. */
export function pathsOf(basePath: string, path: string): readonly string[] {
  if (basePath === '') return [path];
  return path === '/' ? [path, basePath, `${basePath}/`] : [path, basePath + path];
}

/** The path of a request as its client sent it, whatever the proxy has taken off. */
export function publicPath(basePath: string, url: string): string {
  const path = pathnameOf(url);
  return path === basePath || path.startsWith(`${basePath}/`) ? path : basePath + path;
}
