/**
 * Path and query straight from a request's URL, without parsing the rest of it: both runtimes hand over
 * `http://host/path?query`, and Bun just `/path?query` when a client sent no usable Host.
 */
function pathStart(url: string): number {
  if (url.charCodeAt(0) === 47) return 0;
  const authority = url.indexOf('://');
  return authority === -1 ? -1 : url.indexOf('/', authority + 3);
}

/** The path as sent, not decoded; empty for targets that have none, such as CONNECT's. */
export function pathnameOf(url: string): string {
  const start = pathStart(url);
  if (start === -1) return '';
  for (let end = start; end < url.length; end += 1) {
    const code = url.charCodeAt(end);
    if (code === 63 || code === 35) return url.slice(start, end);
  }
  return start === 0 ? url : url.slice(start);
}

/** The query without its `?`, not decoded; empty when there is none. */
export function queryOf(url: string): string {
  const question = url.indexOf('?');
  if (question === -1) return '';
  const hash = url.indexOf('#', question);
  return hash === -1 ? url.slice(question + 1) : url.slice(question + 1, hash);
}
