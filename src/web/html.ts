/**
 * HTML as escaped template strings: each value that is put into {@link html} is escaped, except what came out
 * of it. Safe in element content and in quoted attributes; never inside `<script>` or `<style>`.
 */

type Piece = string | Uint8Array;

/** Text that is already HTML, parts of it perhaps in UTF-8. Only this module and `encoded-html.ts` make it. */
export class Html {
  readonly pieces: readonly Piece[];

  constructor(...pieces: readonly Piece[]) {
    this.pieces = pieces;
  }

  get text(): string {
    const [first = ''] = this.pieces;
    if (this.pieces.length === 1 && typeof first === 'string') return first;
    return this.pieces.map((piece) => (typeof piece === 'string' ? piece : utf8.decode(piece))).join('');
  }

  get bytes(): Uint8Array {
    const [first = ''] = this.pieces;
    return this.pieces.length <= 1 ? bytesOf(first) : Buffer.concat(this.pieces.map(bytesOf));
  }
}

function bytesOf(piece: Piece): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The values that a template takes; null, undefined and booleans leave no text, so that `condition && html…` works. */
export type HtmlValue = Html | string | number | boolean | null | undefined | readonly HtmlValue[];

const special = /[&<>"']/;

/** `text` for element content or a quoted attribute. Text without anything special comes back as it is. */
export function escapeHtml(text: string): string {
  if (!special.test(text)) return text;
  let escaped = '';
  let copiedTo = 0;
  for (let i = 0; i < text.length; i += 1) {
    const entity = entityOf(text.charCodeAt(i));
    if (entity === null) continue;
    escaped += text.slice(copiedTo, i) + entity;
    copiedTo = i + 1;
  }
  return escaped + text.slice(copiedTo);
}

function entityOf(code: number): string | null {
  switch (code) {
    case 38:
      return '&amp;';
    case 60:
      return '&lt;';
    case 62:
      return '&gt;';
    case 34:
      return '&quot;';
    case 39:
      return '&#39;';
    default:
      return null;
  }
}

/** Fills a template: strings and numbers are escaped, {@link Html} is taken as it is, lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  let pieces: Piece[] | null = null;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value instanceof Html && hasBytes(value)) {
      pieces ??= [];
      for (const piece of value.pieces) {
        if (typeof piece === 'string') text += piece;
        else {
          pieces.push(text, piece);
          text = '';
        }
      }
    } else text += textOf(value);
    text += parts[i + 1] ?? '';
  }
  return pieces === null ? new Html(text) : new Html(...pieces, text);
}

function hasBytes({ pieces }: Html): boolean {
  return pieces.length !== 1 || typeof pieces[0] !== 'string';
}

/** Vouches that `text` is HTML from a trustworthy place. */
export function raw(text: string): Html {
  return new Html(text);
}

/**
 * JSON for a `<script type="application/json">` block. Nothing in such a block is an entity, so the only
 * danger is an early `</script>` or `<!--`: no `<` is left.
 */
export function jsonForScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

const specialInSingleQuotes = /[&<']/;

/** JSON as the value of an attribute, with its single quotes around: so the many double quotes of JSON need no entity. */
export function jsonAttribute(value: unknown): Html {
  const json = JSON.stringify(value);
  if (!specialInSingleQuotes.test(json)) return new Html(`'${json}'`);
  const escaped = json.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');
  return new Html(`'${escaped}'`);
}

function textOf(value: HtmlValue): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (value instanceof Html) return value.text;
  if (typeof value === 'number') return String(value);
  // Joined at once: a text that has grown by thousands of pieces is put together again each time it is sent.
  if (Array.isArray(value)) return value.map(textOf).join('');
  return '';
}
