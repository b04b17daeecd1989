import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centsMax } from '../domain/money.ts';
import { onHandMax } from '../domain/product.ts';
import { type Cells, readProductLine } from './product-fields.ts';

const cells = (given: Cells = {}): Cells => ({ sku: 'tent', name: 'Tent', price: '1', ...given });

/** The product, or `column code` of each mistake. */
function read(given: Cells = {}) {
  const line = readProductLine(7, cells(given));
  return 'sku' in line ? line : line.map(({ column, code }) => `${column} ${code}`);
}

test('a price is exact to the cent', () => {
  for (const [typed, cents] of [
    ['19.99', 1_999],
    ['0', 0],
    ['0.1', 10],
    ['1000000', 100_000_000],
    [' 5.00 ', 500],
    ['0.29', 29],
    ['90071992547409.91', centsMax],
  ] as const) {
    const line = read({ price: typed });
    assert.equal('sku' in line && line.priceCents, cents, typed);
  }
  for (const typed of [
    '',
    '-1',
    '1.999',
    '1,99',
    '$5',
    '1e3',
    '1 000',
    '.5',
    '5.',
    'NaN',
    '٣',
    '90071992547409.92',
  ])
    assert.match(String(read({ price: typed })), /^price /, typed);
});

test('a SKU is brought into lower case, and another is refused with one that would do', () => {
  const line = read({ sku: ' OFF-PA-10000174 ' });
  assert.equal('sku' in line && line.sku, 'off-pa-10000174');
  for (const sku of ['', '-a', 'a b', 'a_b', 'ä', 'x'.repeat(65)])
    assert.match(String(read({ sku })), /^sku /, sku);
  assert.deepEqual(read({ sku: '4.00638E+12' }), ['sku shortened_sku']);
  const [problem] = readProductLine(7, cells({ sku: 'Größe 5_b' })) as readonly { detail: string }[];
  assert.match(problem?.detail ?? '', /such as gro-e-5-b/);
});

test('what has no column or is left open stays as it is; what is empty is emptied', () => {
  assert.deepEqual(read(), {
    line: 7,
    sku: 'tent',
    name: 'Tent',
    description: null,
    category: null,
    priceCents: 100,
    image: null,
    active: null,
    stock: 0,
  });
  const line = read({ description: ' ', category: '', image: ' ', active: '', stock: '' });
  assert.ok('sku' in line);
  assert.deepEqual(
    [line.description, line.category, line.image, line.active, line.stock],
    ['', 'Other', null, null, 0],
  );
});

test('texts have bounds, and each edge is inside', () => {
  const fits = read({
    name: '山'.repeat(200),
    description: `${'x'.repeat(4_998)}\r\ny`,
    category: 'c'.repeat(100),
  });
  assert.ok('sku' in fits);
  assert.equal(fits.description?.at(-2), '\n');
  assert.deepEqual(
    read({ name: 'x'.repeat(201), description: 'x'.repeat(5_001), category: 'c'.repeat(101) }),
    ['name too_long', 'description too_long', 'category too_long'],
  );
  assert.deepEqual(read({ name: 'a\nb', description: 'a\0b', category: 'a\tb' }), [
    'name control_character',
    'description control_character',
    'category control_character',
  ]);
});

test('whether it is active and how much came in are said in so many words', () => {
  for (const [word, active] of [
    ['TRUE', true],
    ['yes', true],
    ['1', true],
    ['no', false],
    ['0', false],
  ] as const) {
    const line = read({ active: word });
    assert.equal('sku' in line && line.active, active);
  }
  assert.deepEqual(read({ active: 'maybe', stock: '-1' }), ['active not_allowed', 'stock out_of_range']);
  const most = read({ stock: String(onHandMax) });
  assert.equal('sku' in most && most.stock, onHandMax);
  for (const stock of ['1.5', '1e3', 'many', String(onHandMax + 1)])
    assert.deepEqual(read({ stock }), ['stock out_of_range']);
});

test('every mistake of a line is told at once, with its line and remedy', () => {
  const problems = readProductLine(7, { sku: '', name: '', price: '' });
  assert.ok(!('sku' in problems));
  assert.deepEqual(
    problems.map(({ line, column }) => `${line} ${column}`),
    ['7 sku', '7 name', '7 price'],
  );
  for (const { detail } of problems) assert.match(detail, /\. [A-Z].+\.$/);
});
