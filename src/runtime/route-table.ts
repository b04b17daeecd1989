/** Finds routes by method and path the way Bun's native table does, for where there is none. */
import { addRoute, createRouter, findRoute } from 'rou3';
import type { Handler, Method, PathParams, Route } from './listener.ts';

export interface FoundRoute {
  readonly handle: Handler;
  readonly params: PathParams;
}

export interface RouteTable {
  find(method: string, pathname: string): FoundRoute | null;
  methodsAt(pathname: string): readonly Method[];
}

const noParams: PathParams = Object.freeze({});

export function createRouteTable(routes: readonly Route[]): RouteTable {
  const handlers = createRouter<Handler>();
  const methods = createRouter<Method[]>();
  const methodsOf = new Map<string, Method[]>();
  for (const { method, path, handle } of routes) {
    addRoute(handlers, method, path, handle);
    const known = methodsOf.get(path);
    if (known === undefined) {
      methodsOf.set(path, [method]);
      addRoute(methods, '', path, methodsOf.get(path) ?? []);
    } else {
      known.push(method);
    }
  }
  return {
    find(method, pathname) {
      if (!isPlainPath(pathname) && !methodsOf.has(pathname)) return null;
      const found = findRoute(handlers, method === 'HEAD' ? 'GET' : method, pathname);
      return found === undefined ? null : { handle: found.data, params: decodeParams(found.params) };
    },
    methodsAt: (pathname) =>
      isPlainPath(pathname) || methodsOf.has(pathname) ? (findRoute(methods, '', pathname)?.data ?? []) : [],
  };
}

/** rou3 overlooks a slash at the end, which few routes have, and a missing one at the start; Bun does not. */
function isPlainPath(pathname: string): boolean {
  return pathname.startsWith('/') && (pathname.length === 1 || !pathname.endsWith('/'));
}

function decodeParams(params: Readonly<Record<string, string | undefined>> | undefined): PathParams {
  if (params === undefined) return noParams;
  const decoded: Record<string, string | undefined> = {};
  for (const name in params) decoded[name] = decodeSegment(params[name] ?? '');
  return decoded;
}

/** A segment whose percent-encoding is malformed stays as it is: no resource has such a name. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
