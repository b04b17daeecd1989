/** What every list has in common: a page of at most so many, a cursor that leads on, and a link to the next page. */
import type { z } from 'zod';
import { integerParameter, optionalText } from './parameter.ts';

export const pageLimitParameter = integerParameter({
  description: 'How many at most.',
  min: 1,
  max: 100,
  fallback: 50,
});

/** @param schema of the cursors that the list gives */
export function cursorParameter<Cursor>(schema: z.ZodType<Cursor, string>) {
  return optionalText({
    description: 'next_cursor of the page before. Opaque: its content may change.',
    schema,
    mustBe: 'the next_cursor of an answer of this list',
  });
}

/** The declaration of {@link nextLink}. */
export const linkHeader = { link: { description: 'rel="next" (RFC 8288).', isOptional: true } } as const;

/** The header of a page, with nothing in it when no page follows. @param query of the next page, null for none */
export function nextLink(path: string, query: URLSearchParams | null): { readonly link?: string } {
  return query === null ? {} : { link: `<${path}?${query}>; rel="next"` };
}

/** Of a list that has no other parameters. */
export function nextPage(limit: number, cursor: string | null): URLSearchParams | null {
  return cursor === null ? null : new URLSearchParams({ limit: String(limit), cursor });
}
