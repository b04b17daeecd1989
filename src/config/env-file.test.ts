import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from './config-error.ts';
import { parseEnvFile, readEnvFile } from './env-file.ts';

type Content = string | Uint8Array;

function valuesOf(content: Content): Record<string, string> {
  const entries = parseEnvFile(typeof content === 'string' ? Buffer.from(content) : content, '.env');
  return Object.fromEntries(Array.from(entries, ([name, { value }]) => [name, value]));
}

function mistakesOf(content: Content): string {
  try {
    return JSON.stringify(valuesOf(content));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

test('values are read alike on both runtimes', () => {
  const table: readonly (readonly [content: string, value: string])[] = [
    ['A=b', 'b'],
    ['A=b\n', 'b'],
    ['A=b\r\n', 'b'],
    ['A=b\r', 'b'],
    ['\ufeffA=b', 'b'],
    ['  A = b  ', 'b'],
    ['\tA\t=\tb\t', 'b'],
    ['export A=b', 'b'],
    ['export\tA=b', 'b'],
    ['A=', ''],
    ['A=  ', ''],
    ['A= # none', ''],
    ["A=''", ''],
    ['A=""', ''],
    ['A=b # c', 'b'],
    ['A=b\t#\tc # d', 'b'],
    ['A=b #', 'b'],
    ['A=b=c', 'b=c'],
    ['A=b c', 'b c'],
    ['A=C:\\data\\new.db', 'C:\\data\\new.db'],
    ["A='b # c'", 'b # c'],
    ["A='b' # c", 'b'],
    ['A="b#c"', 'b#c'],
    ['A="it\'s"', "it's"],
    [`A='a$b\\n\${c}'`, `a$b\\n\${c}`],
    ["A=' b '", ' b '],
    ['A=p$1', 'p$1'],
    ['A=50$', '50$'],
    [
      'A=postgres://u:p%40ss@db.example:5432/shop?sslmode=verify-full',
      'postgres://u:p%40ss@db.example:5432/shop?sslmode=verify-full',
    ],
    ['A=käse', 'käse'],
  ];
  for (const [content, value] of table) assert.deepEqual(valuesOf(content), { A: value }, content);
});

test('comments and blank lines say nothing', () => {
  assert.deepEqual(valuesOf('\n# A=b\n  #\n\t\n#A=c'), {});
  assert.deepEqual(valuesOf(''), {});
  assert.deepEqual(valuesOf('\ufeff'), {});
});

test('the line of each value is counted, whatever ends the lines', () => {
  for (const end of ['\n', '\r\n', '\r'])
    assert.equal(parseEnvFile(Buffer.from(`# ours${end}${end}A=b${end}`), '.env').get('A')?.line, 3);
});

test('a line that other programs read in another way is refused with its number', () => {
  const table: readonly (readonly [line: string, said: RegExp])[] = [
    ['A', /no NAME=value/],
    ['A b', /no NAME=value/],
    ['=b', /no NAME=value/],
    ['1A=b', /no NAME=value/],
    ['A-B=c', /no NAME=value/],
    ['A.B=c', /no NAME=value/],
    ['A: b', /no NAME=value/],
    ['set A=b', /no NAME=value/],
    ['$env:A="b"', /no NAME=value/],
    ['A=b#c', /A has a #/],
    ['A=#c', /A has a #/],
    ['A=# c', /A has a #/],
    ['A=b #c', /A has a #/],
    ['A=b#c # d', /A has a #/],
    ["A='b", /A has a quote that is not closed/],
    ['A="b', /A has a quote that is not closed/],
    ['A="b\nc"', /A has a quote that is not closed/],
    ["A='b'c", /A has something after its closing quote/],
    ["A='b'#c", /A has something after its closing quote/],
    ["A='it''s'", /A has something after its closing quote/],
    ['A=`b`', /A has a quote inside/],
    ["A=it's", /A has a quote inside/],
    ['A=“b”', /A has a quote inside/],
    ['A=$HOME/b', /A has a \$/],
    [`A=\${HOME}/b`, /A has a \$/],
    ['A="$(id)"', /A has a \$/],
    ['A="b\\nc"', /A has a \\ in double quotes/],
  ];
  for (const [line, said] of table) {
    const mistake = mistakesOf(`# first\n${line}\n`);
    assert.match(mistake, said, line);
    assert.ok(mistake.startsWith('.env, line 2: '), mistake);
  }
});

test('a value is never printed', () => {
  for (const line of ['PASSWORD hunter2', 'A=hunter2#x', "A='hunter2", `A=\${hunter2}`, "A='x'hunter2"])
    assert.doesNotMatch(mistakesOf(line), /hunter2/);
});

test('all mistakes are told at once, and a name stands once', () => {
  assert.equal(
    mistakesOf('A=b\nB\nA=c').replace(/^(.{30}).*$/gm, '$1'),
    '.env, line 2: this is no NAME=\n.env, line 3: A stands in line',
  );
  assert.match(mistakesOf('A=b\nA=b'), /line 2: A stands in line 1 already/);
});

test('UTF-16 is read with its byte order mark; what is no text is refused', () => {
  const utf16 = Buffer.from('\ufeffA=käse\r\n', 'utf16le');
  assert.deepEqual(valuesOf(utf16), { A: 'käse' });
  assert.deepEqual(valuesOf(Buffer.from(utf16).swap16()), { A: 'käse' });
  assert.match(mistakesOf(utf16.subarray(2)), /not in UTF-8|NUL byte/);
  assert.match(mistakesOf(Buffer.from('A=b\0c')), /^\.env, line 1: there is a NUL byte/);
  assert.match(mistakesOf(Buffer.from('A=käse', 'latin1')), /^\.env is not in UTF-8/);
  assert.match(mistakesOf(utf16.subarray(0, 5)), /^\.env is not in UTF-8/);
});

test('a file of 65,536 bytes is read, and a larger one is not', () => {
  const page = `A=b\n#${'x'.repeat(65_536 - 5)}`;
  assert.deepEqual(valuesOf(page), { A: 'b' });
  assert.match(mistakesOf(`${page}x`), /^\.env has more than 65536 bytes/);
});

test('a missing file says nothing', () => {
  assert.equal(readEnvFile('/nowhere/.env').size, 0);
});
