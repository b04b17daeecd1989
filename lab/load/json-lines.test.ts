import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { lineCharactersMax, readLines } from './json-lines.ts';

async function read(
  ...chunks: readonly (string | Buffer)[]
): Promise<{ lines: string[]; problems: string[] }> {
  const stream = new PassThrough();
  const lines: string[] = [];
  const problems: string[] = [];
  readLines(
    stream,
    (line) => lines.push(line),
    (sentence) => problems.push(sentence),
  );
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return { lines, problems };
}

test('a line ends at a line feed, wherever its bytes were parted, and at no other separator', async () => {
  const documents = ['\u2028', '\u2029', '\u0085', '\r', 'ö\u{1f600}', ''].map((text) =>
    JSON.stringify({ text }),
  );
  const bytes = Buffer.from(`${documents.join('\n')}\n`);
  const { lines } = await read(...Array.from(bytes, (byte) => Buffer.from([byte])));
  assert.deepEqual(lines, documents);
});

test('what stands after the last line feed is a line too', async () => {
  assert.deepEqual((await read('a\nb')).lines, ['a', 'b']);
});

test('a line without an end is given up', async () => {
  const { lines, problems } = await read('x'.repeat(lineCharactersMax + 1), 'y\n');
  assert.deepEqual([lines, problems.length], [[], 1]);
});
