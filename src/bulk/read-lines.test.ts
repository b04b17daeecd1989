import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { neutralized, restored } from './formula-text.ts';
import { lineBytesMax, type ReadLine, UnreadableListError } from './list-line.ts';
import { type ListFormat, readLines } from './read-lines.ts';

/** In pieces of a few bytes, so that nothing depends on how a file arrives. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesOf(
  given: string | Uint8Array,
  { format = null, size = 7 }: { format?: ListFormat | null; size?: number } = {},
): Promise<readonly ReadLine[]> {
  const lines: ReadLine[] = [];
  const bytes = typeof given === 'string' ? Buffer.from(given) : given;
  for await (const line of readLines(inPieces(bytes, size), format)) lines.push(line);
  return lines;
}

/** `line: cells`, or `line! code`. */
async function told(given: string | Uint8Array): Promise<readonly string[]> {
  return (await linesOf(given)).map(({ line, cells, problem }) =>
    problem === null ? `${line}: ${JSON.stringify(cells)}` : `${line}! ${problem.code}`,
  );
}

async function refusal(given: string | Uint8Array): Promise<UnreadableListError['problem']> {
  return linesOf(given, { size: given.length > 1_000 ? 10_000 : 7 }).then(
    () => assert.fail('it was read'),
    (error: unknown) => {
      assert.ok(error instanceof UnreadableListError, String(error));
      return error.problem;
    },
  );
}

const tent = '{"sku":"tent","name":"Tent","price":"1"}';

describe('a CSV file', () => {
  for (const [what, text] of [
    ['with commas', 'sku,name,price\ntent,Tent,1\n'],
    ['with semicolons', 'sku;name;price\ntent;Tent;1\n'],
    ['with tabs', 'sku\tname\tprice\ntent\tTent\t1\n'],
    ['with CRLF', 'sku,name,price\r\ntent,Tent,1\r\n'],
    ['with CR alone', 'sku,name,price\rtent,Tent,1\r'],
    ['with a byte order mark', '\ufeffsku,name,price\ntent,Tent,1\n'],
    ['with a byte order mark and quotes', '\ufeff"sku","name","price"\r\n"tent","Tent","1"'],
    ['with names in capitals and blanks', 'SKU, Name ,PRICE\ntent,Tent,1'],
    ['without a line break at its end', 'sku,name,price\ntent,Tent,1'],
    ['with blank lines before it', '\n\n\nsku,name,price\ntent,Tent,1\n'],
  ] as const) {
    test(`${what} is read`, async () => {
      const [line] = await linesOf(text);
      assert.deepEqual(line?.cells, JSON.parse(tent));
    });
  }

  test('has its columns in any order, and lines that are counted as an editor does', async () => {
    const text =
      'price,description,sku,name\r\n1,"Two\r\nlines, ""quoted""",tent,Tent\r\n\r\n2,x,mug,Mug\r\n';
    assert.deepEqual(await told(text), [
      `2: ${JSON.stringify({ price: '1', description: 'Two\r\nlines, "quoted"', sku: 'tent', name: 'Tent' })}`,
      `5: ${JSON.stringify({ price: '2', description: 'x', sku: 'mug', name: 'Mug' })}`,
    ]);
  });

  test('has the blank rows and columns that a spreadsheet leaves behind', async () => {
    const text = 'sku,name,price,,\r\n,,,,\r\ntent,Tent,1,,\r\n , ,,,\r\nmug,Mug,2\r\n,,,,\r\n';
    assert.deepEqual(await told(text), [
      `3: ${JSON.stringify({ sku: 'tent', name: 'Tent', price: '1' })}`,
      `5: ${JSON.stringify({ sku: 'mug', name: 'Mug', price: '2' })}`,
    ]);
    assert.equal((await refusal('sku,,name,price\na,,A,1\n')).code, 'columns');
  });

  test('tells each line that has another number of cells, and reads the others', async () => {
    assert.deepEqual(
      (await told('sku,name,price\na,A,1,x\nb,B\nc,C,1\n')).map((one) => one.slice(0, 14)),
      ['2! cell_count', '3! cell_count', '4: {"sku":"c",'],
    );
  });

  test('is read up to a quote that stands where none may', async () => {
    for (const broken of ['d,"D"x,1', 'd,D "x",1', 'd,"D,1']) {
      const lines: number[] = [];
      const reading = (async () => {
        const text = `sku,name,price\r\na,"A\r\nB",1\r\nb,B,1\r\n${broken}\r\ne,E,1\r\nf,F,1\r\n`;
        for await (const { line } of readLines(inPieces(Buffer.from(text), 1_000), null)) lines.push(line);
      })();
      await assert.rejects(
        reading,
        (error) => error instanceof UnreadableListError && error.problem.line === 5,
      );
      assert.deepEqual(lines, [2, 4], broken);
    }
  });

  test('is read no further than its first broken line', async () => {
    const pieces = 400;
    let taken = 0;
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('sku,name,price\na,A,1\n');
      for (; taken < pieces; taken += 1) yield Buffer.from('a,b"c,1\n'.repeat(2_000));
    }
    const lines: number[] = [];
    const reading = (async () => {
      for await (const { line } of readLines(broken(), 'csv')) lines.push(line);
    })();
    await assert.rejects(
      reading,
      (error) =>
        error instanceof UnreadableListError &&
        error.problem.code === 'malformed_csv' &&
        error.problem.line === 3,
    );
    assert.deepEqual(lines, [2]);
    assert.ok(taken < 10, `${taken} of ${pieces} pieces were read`);
  });

  test('that lacks a column, has one twice, or one that is unknown is refused with it', async () => {
    for (const [text, column] of [
      ['sku,name\na,A\n', 'price'],
      ['sku,name,price,name\na,A,1,A\n', 'name'],
      ['sku,name,price,colour\na,A,1,red\n', 'colour'],
    ] as const) {
      assert.deepEqual([(await refusal(text)).code, (await refusal(text)).column], ['columns', column]);
    }
    assert.match((await refusal('tent;Tent;1\nmug;Mug;2\n')).detail, /Begin the file with sku;name;/);
  });

  test('with a quote that never ends is refused, and takes no more memory than a line may', async () => {
    assert.equal((await refusal('sku,name,price\na,"A,1\nb,B,2\n')).code, 'malformed_csv');
    const long = `sku,name,price\na,"${'x'.repeat(3 * lineBytesMax)}`;
    assert.match((await refusal(long)).detail, /longer than 131072 bytes|never ends/);
    assert.equal((await refusal('x'.repeat(2 * lineBytesMax))).code, 'line_too_long');
  });

  test('that is not in UTF-8 is refused with the line', async () => {
    const latin = Buffer.concat([
      Buffer.from('sku,name,price\na,A,1\nb,Caf'),
      Buffer.of(0xe9),
      Buffer.from(',1\n'),
    ]);
    const { code, line, detail } = await refusal(latin);
    assert.deepEqual([code, line], ['not_utf8', 3]);
    assert.match(detail, /Save the file in UTF-8/);
    assert.equal(
      (await refusal(Buffer.from('sku,name,price\na,Caf\u00e9,1').subarray(0, -3))).code,
      'not_utf8',
    );
  });
});

describe('a file that is no list', () => {
  for (const [what, bytes, words] of [
    ['a spreadsheet', Buffer.from('504b03041400060008000000', 'hex'), /spreadsheet/],
    ['an old spreadsheet', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /old spreadsheet/],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /picture \(PNG\)/],
    ['a JPEG', Buffer.from('ffd8ffe000104a46', 'hex'), /picture \(JPEG\)/],
    ['a PDF', Buffer.from('%PDF-1.7'), /PDF/],
    ['a gzip', Buffer.from('1f8b0800', 'hex'), /compressed/],
    ['UTF-16', Buffer.from('\ufeffsku,name', 'utf16le'), /UTF-16/],
    ['a web page', Buffer.from('<!DOCTYPE html><html>'), /web page/],
    ['nothing', new Uint8Array(), /empty/],
    ['a byte order mark alone', Buffer.from('\ufeff'), /blanks/],
    ['blanks alone', Buffer.from(' \r\n\t\n'), /blanks/],
    ['bytes', Buffer.from('abc\0def'), /no text/],
  ] as const) {
    test(`is called what it is: ${what}`, async () => {
      const problem = await refusal(bytes);
      assert.equal(problem.code, 'not_a_list');
      assert.match(problem.detail, words);
    });
  }
});

describe('an NDJSON file', () => {
  test('is recognized, and takes prices as texts, numbers and as the API gives them', async () => {
    const prices = ['"19.99"', '19.99', '{"amount":1999,"currency":"USD"}'];
    const text = prices.map((price, nth) => `{"sku":"a${nth}","name":"A","price":${price}}\n`).join('\r\n');
    const lines = await linesOf(`\ufeff${text}`);
    assert.deepEqual(
      lines.map(({ line, cells }) => [line, cells?.price]),
      [
        [1, '19.99'],
        [3, '19.99'],
        [5, '19.99'],
      ],
    );
  });

  test('tells each line that is no product', async () => {
    const text = `${tent}\n{"sku":\n[1]\n{"sku":"a","colour":"red"}\n{"sku":["a"]}\n${tent}`;
    assert.deepEqual(
      (await told(text)).map((one) => one.slice(0, 18)),
      [
        '1: {"sku":"tent","',
        '2! malformed_json',
        '3! malformed_json',
        '4! unknown_field',
        '5! wrong_type',
        '6: {"sku":"tent","',
      ],
    );
    assert.equal((await refusal(`{${'x'.repeat(2 * lineBytesMax)}`)).code, 'line_too_long');
  });

  test('loses no digit of a number, and none of two values', async () => {
    const rest = '"name":"Tent","price":1';
    const lines = await linesOf(
      [
        `{"sku":123456789012345678,${rest}}`,
        `{"sku":7,${rest}}`,
        `{"sku":"a","description":12345678901234567890,${rest}}`,
        `{"sku":"a",${rest},"price":2}`,
        `{"sku":"a","name":"Tent","price":{"amount":1,"currency":"USD","amount":2}}`,
      ].join('\n'),
    );
    assert.deepEqual(
      lines.map(({ line, problem }) => [line, problem?.code, problem?.column]),
      [
        [1, 'wrong_type', 'sku'],
        [2, 'wrong_type', 'sku'],
        [3, 'wrong_type', 'description'],
        [4, 'repeated_field', 'price'],
        [5, 'repeated_field', 'price'],
      ],
    );
    for (const at of [0, 1, 2]) assert.match(lines[at]?.problem?.detail ?? '', /Write it in quotes/);
  });
});

describe('a text that a spreadsheet would run', () => {
  test('begins with an apostrophe', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '＝1', "'=1"])
      assert.equal(neutralized(text), `'${text}`);
    for (const text of ['', 'Tent', "'Tent'", '1-1', "O'Brien"]) assert.equal(neutralized(text), text);
  });

  test('comes back as it was, whatever it is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc
        .tuple(fc.constantFrom('', "'", "''"), fc.constantFrom('=', '@', '-', ''), fc.string())
        .map((parts) => parts.join('')),
    );
    fc.assert(fc.property(text, (given) => assert.equal(restored(neutralized(given)), given)));
  });
});
