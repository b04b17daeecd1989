/**
 * Holds a real answer of the service against the declaration of its endpoint: status, media type, headers
 * and body. Clients of the tests call it for every answer they get, so that no endpoint can answer what it
 * does not declare.
 */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { DeclaredAnswer, Endpoint } from '../src/http/endpoint.ts';
import { endpoints } from '../src/http/endpoints.ts';
import { problemsAnywhere, problemsOf } from '../src/http/openapi.ts';
import { type ProblemCode, problemSchema, problems, problemType } from '../src/http/problem-details.ts';
import { pageSecurityHeaders } from '../src/http/security-headers.ts';

export interface RealAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Headers that the runtimes and the app add to any answer. */
const commonHeaders = new Set([
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'cache-control',
  'date',
  'keep-alive',
  'traceparent',
  'transfer-encoding',
  'ratelimit',
  'ratelimit-policy',
  'vary',
  'x-content-type-options',
  'x-request-id',
  'access-control-allow-origin',
  'access-control-expose-headers',
]);
const pageHeaders = new Set([...Object.keys(pageSecurityHeaders), 'strict-transport-security']);
const problemHeaders = new Set(['allow', 'retry-after', 'www-authenticate']);

/** @throws AssertionError that says which part of the answer is not declared */
export function assertDeclared(method: string, url: string, answer: RealAnswer): void {
  const { pathname } = new URL(url);
  const atPath = endpoints.filter(({ path }) => isAt(path, pathname));
  const asked = method === 'HEAD' ? 'GET' : method;
  const endpoint = atPath.find((each) => each.method === asked);
  const context = `${method} ${pathname} answered ${answer.status}`;
  assert.ok(answer.headers.get('x-request-id'), `${context} without X-Request-Id`);
  if (method === 'OPTIONS' && answer.status === 204 && atPath.length > 0) return;
  if (pathname.endsWith('/') && answer.status === 308) {
    holdHeaders(
      answer,
      { description: '', headers: { location: { description: '' } } },
      [commonHeaders],
      context,
    );
    return;
  }
  if (mediaTypeOf(answer) === problemType) {
    holdProblem(endpoint, answer, context);
    return;
  }
  const declared = endpoint?.answers[answer.status];
  if (isProblemPage(answer)) {
    assert.ok(
      mayShowProblemPage(endpoint, answer.status),
      `${context} as a problem page, which is not declared`,
    );
    holdHeaders(answer, declared, [commonHeaders, pageHeaders, problemHeaders], context);
    return;
  }
  assert.ok(declared !== undefined, `${context}, which is not declared`);
  const isPage = mediaTypeOf(answer) === 'text/html';
  holdHeaders(answer, declared, isPage ? [commonHeaders, pageHeaders] : [commonHeaders], context);
  if (method !== 'HEAD') holdBody(answer, declared, context);
}

function isAt(path: string, pathname: string): boolean {
  const asked = pathname.split('/');
  const segments = path.split('/');
  return (
    segments.length === asked.length &&
    segments.every((segment, index) =>
      segment.startsWith(':') ? asked[index] !== '' : segment === asked[index],
    )
  );
}

function mediaTypeOf({ headers }: RealAnswer): string | null {
  return headers.get('content-type')?.split(';', 1)[0] ?? null;
}

function codesOf(endpoint: Endpoint | undefined): readonly ProblemCode[] {
  return [...(endpoint === undefined ? [] : problemsOf(endpoint)), ...problemsAnywhere];
}

function holdProblem(endpoint: Endpoint | undefined, answer: RealAnswer, context: string): void {
  holdHeaders(answer, undefined, [commonHeaders, problemHeaders], context);
  if (answer.text === '') return;
  const problem = JSON.parse(answer.text) as { readonly code: ProblemCode };
  holdJson(problemSchema, problem, context);
  assert.ok(codesOf(endpoint).includes(problem.code), `${context} ${problem.code}, which is not declared`);
  assert.equal(answer.status, problems[problem.code].status, context);
}

/** Known by its last line, which names the status and the request. */
function isProblemPage(answer: RealAnswer): boolean {
  const sign = `${answer.status} · request ${answer.headers.get('x-request-id')}</p>`;
  return mediaTypeOf(answer) === 'text/html' && answer.text.includes(sign);
}

function mayShowProblemPage(endpoint: Endpoint | undefined, status: number): boolean {
  const form = endpoint === undefined ? 'page_if_wanted' : endpoint.problemForm;
  return form !== undefined && codesOf(endpoint).some((code) => problems[code].status === status);
}

function holdHeaders(
  { headers }: RealAnswer,
  declared: DeclaredAnswer | undefined,
  allowed: readonly ReadonlySet<string>[],
  context: string,
): void {
  const own = declared?.headers ?? {};
  for (const name of headers.keys()) {
    const isAllowed = name in own || allowed.some((names) => names.has(name));
    assert.ok(isAllowed, `${context} with ${name}, which is not declared`);
  }
  for (const [name, { isOptional }] of Object.entries(own)) {
    assert.ok(isOptional === true || headers.has(name), `${context} without ${name}, which is declared`);
  }
}

function holdBody(answer: RealAnswer, { content }: DeclaredAnswer, context: string): void {
  const mediaType = mediaTypeOf(answer);
  if (content === undefined) {
    assert.equal(answer.text, '', `${context} with a body, which is not declared`);
    return;
  }
  assert.ok(mediaType !== null && mediaType in content, `${context} as ${mediaType}, which is not declared`);
  const schema = content[mediaType];
  if (schema !== null && schema !== undefined) holdJson(schema, JSON.parse(answer.text), context);
}

/** A field that is not declared is dropped by parsing, and so found. */
function holdJson(schema: z.ZodType, json: unknown, context: string): void {
  const { success, data, error } = schema.safeParse(json);
  assert.ok(success, `${context}: ${error?.message}`);
  assert.deepEqual(json, data, `${context} with fields that are not declared`);
}
