/**
 * Reads a `.env` file. The format is the part that shells, Docker Compose, systemd and the dotenv libraries all read
 * alike; where they differ, the line is refused with the remedy. Neither runtime's own parser is used: Bun and Node
 * differ, and both drop in silence the lines that they do not understand.
 *
 * - UTF-8, or UTF-16 with its byte order mark. Lines end with LF, CRLF or CR.
 * - `NAME=value`, with spaces around the = and `export ` before the name allowed. A name stands once.
 * - `# …` on a line of its own, or after a value and a space, is a comment.
 * - `'value'` is taken as it is. `"value"` and a bare value hold no `$NAME`, and `"value"` no backslash: some programs
 *   replace these and some do not. A value stays on its line.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

export interface EnvEntry {
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** The name → its value, and where it stands. */
export type EnvFile = ReadonlyMap<string, EnvEntry>;

/** A configuration is a page of text; a larger file is something else. */
const bytesMax = 65_536;

/** @returns an empty map when there is no file @throws ConfigError with a sentence for each line that can't be read */
export function readEnvFile(path: string): EnvFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `${path} can't be read (${reason}): make it a file that this user may read, or move it away.`,
      { cause: error },
    );
  }
  return parseEnvFile(bytes, path);
}

/** @param path for messages @throws ConfigError with a sentence for each line that can't be read */
export function parseEnvFile(bytes: Uint8Array, path: string): EnvFile {
  if (bytes.length > bytesMax)
    throw new ConfigError(`${path} has more than ${bytesMax} bytes: is it a configuration? Move it away.`);
  const entries = new Map<string, EnvEntry>();
  const mistakes: string[] = [];
  for (const [index, text] of decode(bytes, path)
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1;
    const refuse = (sentence: string) => mistakes.push(`${path}, line ${line}: ${sentence}`);
    if (/^[ \t]*(#.*)?$/.test(text)) continue;
    const [, name, rest] = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(.*)$/.exec(text) ?? [];
    if (name === undefined || rest === undefined) {
      refuse('this is no NAME=value. Mend the line, or put a # before it.');
      continue;
    }
    const earlier = entries.get(name);
    if (earlier !== undefined) refuse(`${name} stands in line ${earlier.line} already. Keep one of them.`);
    const read = readValue(rest);
    if ('mistake' in read) refuse(`${name} ${read.mistake}`);
    entries.set(name, { value: 'value' in read ? read.value : '', line });
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return entries;
}

/** By the byte order mark; Windows PowerShell's `>` writes UTF-16. */
function decode(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const encoding = !isUtf16 ? 'utf-8' : first === 0xff ? 'utf-16le' : 'utf-16be';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError(`${path} is not in UTF-8: save it in that encoding.`, { cause });
  }
  const line = text.split('\0', 1)[0]?.split(/\r\n|\n|\r/).length;
  if (text.includes('\0'))
    throw new ConfigError(`${path}, line ${line}: there is a NUL byte. Save the file in UTF-8.`);
  return text;
}

type Read = { readonly value: string } | { readonly mistake: string };

/** Completes "NAME …". */
const mistakes = {
  unclosed: 'has a quote that is not closed in its line. Close it; a value has no line breaks.',
  afterQuote: 'has something after its closing quote. A comment there needs a space before its #.',
  hash: 'has a # that could begin a comment or belong to the value. Put the value into single quotes, or write the comment after a space and a # and a space.',
  dollar:
    'has a $ that some programs replace and Nozama does not. Write the value itself, or put it into single quotes when the $ belongs to it.',
  backslash: 'has a \\ in double quotes, which some programs replace. Put the value into single quotes.',
  quote: 'has a quote inside. Put the value into quotes of the other kind.',
};

/** @param rest of the line, after the = */
function readValue(rest: string): Read {
  const text = rest.replace(/^[ \t]+/, '');
  const quote = /^['"]/.exec(text)?.[0];
  if (quote !== undefined) return readQuoted(text.slice(1), quote);
  const bare = rest.replace(/[ \t]+#([ \t].*)?$/, '').replace(/^[ \t]+|[ \t]+$/g, '');
  if (bare.includes('#')) return { mistake: mistakes.hash };
  if (/['"`‘’“”]/.test(bare)) return { mistake: mistakes.quote };
  if (hasReplaceable(bare)) return { mistake: mistakes.dollar };
  return { value: bare };
}

function readQuoted(text: string, quote: string): Read {
  const end = text.indexOf(quote);
  if (end === -1) return { mistake: mistakes.unclosed };
  if (!/^([ \t]+#.*|[ \t]*)$/.test(text.slice(end + 1))) return { mistake: mistakes.afterQuote };
  const value = text.slice(0, end);
  if (quote === '"' && value.includes('\\')) return { mistake: mistakes.backslash };
  if (quote === '"' && hasReplaceable(value)) return { mistake: mistakes.dollar };
  return { value };
}

function hasReplaceable(value: string): boolean {
  return /\$[A-Za-z_{(]/.test(value);
}
