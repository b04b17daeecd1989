/** Content negotiation between a page and JSON (RFC 9110 §12.5.1). */
export type Preference = 'page' | 'json' | 'either';

/** Browsers send a handful of different fields; each is understood once. */
const known = new Map<string, Preference>();
const knownMax = 200;

/** 'either' when no one of the two is wanted more: no Accept, a bare wildcard, or equal weights. */
export function preferenceOf(accept: string | null): Preference {
  if (accept === null) return 'either';
  const remembered = known.get(accept);
  if (remembered !== undefined) return remembered;
  const page = qualityOf(accept, 'text', 'html');
  const json = Math.max(
    qualityOf(accept, 'application', 'json'),
    qualityOf(accept, 'application', 'problem+json'),
  );
  const preference = page > json ? 'page' : json > page ? 'json' : 'either';
  if (known.size < knownMax && accept.length <= 256) known.set(accept, preference);
  return preference;
}

/** The weight of the most specific range that covers the type, 0 to 1. */
function qualityOf(accept: string, type: string, subtype: string): number {
  let specificity = -1;
  let quality = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const covers =
      name === `${type}/${subtype}` ? 2 : name === `${type}/*` ? 1 : name === '*/*' || name === '*' ? 0 : -1;
    if (covers <= specificity) continue;
    specificity = covers;
    quality = weightOf(parameters);
  }
  return quality;
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  if (weight === undefined) return 1;
  const value = Number(weight.slice(2));
  return value >= 0 && value <= 1 ? value : 0;
}
