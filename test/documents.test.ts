/** Every link in the documents leads to a file or heading that exists. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
  'lab/README.md',
];

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/`/g, '')
    .replace(/[^\p{Letter}\p{Number} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsIn(file: string): readonly string[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(/^#{1,6} (.+)$/gm), ([, heading]) =>
    anchorOf(heading ?? ''),
  );
}

test('every link in a document leads somewhere', () => {
  const lost: string[] = [];
  for (const document of documents) {
    const text = readFileSync(join(root, document), 'utf8').replace(/```[\s\S]*?```/g, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target === undefined || /^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, document) : join(root, dirname(document), path);
      if (!existsSync(file)) lost.push(`${document}: ${relative(root, file)}`);
      else if (anchor !== undefined && !anchorsIn(file).includes(anchor)) lost.push(`${document}: ${target}`);
    }
  }
  assert.deepEqual(lost, []);
});
