/**
 * Which form of an answer a client wants: a page or JSON by `Accept`, compressed or not by
 * `Accept-Encoding` (RFC 9110 §12.5.1, §12.5.3). The package `negotiator` reads both fields.
 *
 * A field that allows nothing we have is disregarded, as RFC 9110 §12.5.1 permits: a client that gets
 * an answer can read its media type, and a 406 would help no client.
 */
import Negotiator from 'negotiator';

export type FormPreference = 'page' | 'json' | 'either';

export type Encoding = 'br' | 'gzip' | 'identity';

/** Results that are remembered of each field, and the longest field that is; browsers send a handful. */
const rememberedMax = 200;
const rememberedLengthMax = 256;

function remembering<Result>(read: (field: string) => Result): (field: string) => Result {
  const known = new Map<string, Result>();
  return (field) => {
    const before = known.get(field);
    if (before !== undefined) return before;
    const result = read(field);
    if (known.size < rememberedMax && field.length <= rememberedLengthMax) known.set(field, result);
    return result;
  };
}

const pageType = 'text/html';
const jsonType = 'application/json';
const problemType = 'application/problem+json';

/** Names a form only when the field puts it before the other, whichever of the two is listed first here. */
const formOf = remembering<FormPreference>((accept) => {
  // The least weight for each form that the field leaves out, so that only `q=0` excludes a form.
  const negotiator = new Negotiator({ headers: { accept: `${accept},*/*;q=0.001` } });
  const jsonTypes = accept.includes(problemType) ? [jsonType, problemType] : [jsonType];
  const pageFirst = negotiator.mediaType([pageType, ...jsonTypes]);
  const jsonFirst = negotiator.mediaType([...jsonTypes, pageType]);
  if (pageFirst === undefined || (pageFirst === pageType) !== (jsonFirst === pageType)) return 'either';
  return pageFirst === pageType ? 'page' : 'json';
});

/**
 * A longer field, in characters, counts as absent: to read one of 14,000 takes milliseconds. Those of browsers have
 * some 150.
 */
const fieldLengthMax = 1_000;

function fieldOf(headers: Headers, name: string): string | null {
  const field = headers.get(name);
  return field === null || field.length > fieldLengthMax ? null : field;
}

/** 'either' without the field, and when it prefers neither form. */
export function formPreferenceOf(headers: Headers): FormPreference {
  const accept = fieldOf(headers, 'accept');
  return accept === null ? 'either' : formOf(accept);
}

/** Since version 1.0, which the types do not know yet: how equal weights are ordered. */
interface EncodingNegotiator {
  encodings(available: readonly Encoding[], options: { preferred: readonly Encoding[] }): Encoding[];
}

function encodingAmong<Available extends Encoding>(available: readonly Available[]) {
  return remembering<Available | 'identity'>((acceptEncoding) => {
    const headers = { 'accept-encoding': acceptEncoding };
    const negotiator = new Negotiator({ headers }) as unknown as EncodingNegotiator;
    const [preferred] = negotiator.encodings([...available, 'identity'], { preferred: available });
    return available.find((encoding) => encoding === preferred) ?? 'identity';
  });
}

const encodingOf = encodingAmong(['br', 'gzip']);
const gzipOf = encodingAmong(['gzip']);

/** The smallest encoding among those that the client prefers; 'identity' without the field. */
export function encodingPreferenceOf(headers: Headers): Encoding {
  const acceptEncoding = fieldOf(headers, 'accept-encoding');
  return acceptEncoding === null ? 'identity' : encodingOf(acceptEncoding);
}

/** The same where there is no brotli: a client that takes brotli alone gets neither. */
export function gzipPreferenceOf(headers: Headers): 'gzip' | 'identity' {
  const acceptEncoding = fieldOf(headers, 'accept-encoding');
  return acceptEncoding === null ? 'identity' : gzipOf(acceptEncoding);
}
