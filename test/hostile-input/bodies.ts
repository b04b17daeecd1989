/** Bodies that are known to hurt services, each with the status it must get, and where it says what is wrong. */
import { anOrder } from '../journeys/shop-client.ts';

/** The order with one field of its JSON text replaced, so that it can hold what JSON.stringify can't write. */
function orderText(field: string, json: string): string {
  const fields = Object.entries(anOrder()).filter(([name]) => name !== field);
  return `{${[...fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), `"${field}":${json}`].join(',')}}`;
}

export const withQuantity = (json: string) => orderText('lines', `[{"sku":"tent-4p","quantity":${json}}]`);
const name = (json: string) => orderText('customer_name', json);
const unknown = (key: string, json = '1') => orderText(key, json);

export const hostileBodies: readonly (readonly [
  what: string,
  body: string | Uint8Array<ArrayBuffer>,
  status: number,
  pointer?: string,
])[] = [
  ['nothing', '', 400],
  ['half an object', '{"lines":', 400],
  ['two values', `${JSON.stringify(anOrder())}{}`, 400],
  ['null', 'null', 422],
  ['an array', '[]', 422],
  ['a string', '"order"', 422],
  ['a number', '1e999', 422],
  ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 400],
  ['UTF-16', new Uint8Array(Buffer.from(JSON.stringify(anOrder()), 'utf16le')), 400],
  ['NaN', withQuantity('NaN'), 400],
  ['Infinity', withQuantity('Infinity'), 400],
  ['a number too large for a double', withQuantity('1e400'), 422, '/lines/0/quantity'],
  ['minus zero', withQuantity('-0'), 422, '/lines/0/quantity'],
  ['zero', withQuantity('0'), 422, '/lines/0/quantity'],
  ['minus one', withQuantity('-1'), 422, '/lines/0/quantity'],
  ['one and a half', withQuantity('1.5'), 422, '/lines/0/quantity'],
  ['a thousand million', withQuantity('1e9'), 422, '/lines/0/quantity'],
  ['one beyond the safe integers', withQuantity('9007199254740993'), 422, '/lines/0/quantity'],
  ['a number in quotes', withQuantity('"2"'), 422, '/lines/0/quantity'],
  ['a number in an array', withQuantity('[1]'), 422, '/lines/0/quantity'],
  ['true', withQuantity('true'), 422, '/lines/0/quantity'],
  ['one, spelled 1.0', withQuantity('1.0'), 201],
  ['one, spelled 10e-1', withQuantity('10e-1'), 201],
  ['the bound', withQuantity('10000'), 201],
  [
    'lines that only together go over the bound',
    orderText('lines', '[{"sku":"tent-4p","quantity":10000},{"sku":"tent-4p","quantity":1}]'),
    422,
  ],
  ['no lines', orderText('lines', '[]'), 422, '/lines'],
  [
    '51 lines',
    orderText('lines', JSON.stringify(Array(51).fill({ sku: 'tent-4p', quantity: 1 }))),
    422,
    '/lines',
  ],
  ['50 lines', orderText('lines', JSON.stringify(Array(50).fill({ sku: 'tent-4p', quantity: 1 }))), 201],
  [
    'lines that are an object',
    orderText('lines', '{"0":{"sku":"tent-4p","quantity":1},"length":1}'),
    422,
    '/lines',
  ],
  [
    'a SKU that names a method',
    orderText('lines', '[{"sku":"constructor","quantity":1}]'),
    422,
    '/lines/0/sku',
  ],
  [
    'a SKU that names the prototype',
    orderText('lines', '[{"sku":"__proto__","quantity":1}]'),
    422,
    '/lines/0/sku',
  ],
  ['a SKU with NUL', orderText('lines', '[{"sku":"tent-4p\\u0000","quantity":1}]'), 422, '/lines/0/sku'],
  ['a prototype', unknown('__proto__', '{"admin":true}'), 422, '/__proto__'],
  [
    'a prototype in a line',
    orderText('lines', '[{"sku":"tent-4p","quantity":1,"__proto__":{"price":1}}]'),
    422,
    '/lines/0/__proto__',
  ],
  ['a constructor', unknown('constructor', '{"prototype":{"x":1}}'), 422, '/constructor'],
  ['a key with a slash and a tilde', unknown('a/b~c'), 422, '/a~1b~0c'],
  ['an empty key', unknown(''), 422, '/'],
  ['a price of its own', unknown('total', '{"amount":1,"currency":"USD"}'), 422, '/total'],
  ['a state that names a method', orderText('state', '"toString"'), 422, '/state'],
  ['a state with a letter that becomes two in upper case', orderText('state', '"ß"'), 422, '/state'],
  ['a ZIP code in Arabic digits', orderText('zip_code', '"٧٨٧٠١"'), 422, '/zip_code'],
  ['a ZIP code of two lines', orderText('zip_code', '"78701\\nx"'), 422, '/zip_code'],
  [
    'a ZIP code with 60,000 blanks',
    orderText('zip_code', `"12345${' '.repeat(60_000)}6789"`),
    422,
    '/zip_code',
  ],
  ['a ZIP code as a number', orderText('zip_code', '78701'), 422, '/zip_code'],
  ['NUL in a name', name('"a\\u0000b"'), 422, '/customer_name'],
  ['half a surrogate pair in a name', name('"a\\ud800b"'), 422, '/customer_name'],
  ['a line separator in a name', name('"a\\u2028b"'), 422, '/customer_name'],
  ['a name of spaces alone', name('" \\u00a0\\u3000 "'), 422, '/customer_name'],
  ['a name of 201 characters', name(JSON.stringify('😀'.repeat(201))), 422, '/customer_name'],
  ['a name of 200 characters in 400 units', name(JSON.stringify('😀'.repeat(200))), 201],
  [
    'a name that normalization makes longer',
    name(JSON.stringify('\ufb2c'.repeat(100))),
    422,
    '/customer_name',
  ],
  ['a name of 60,000 characters', name(JSON.stringify('x'.repeat(60_000))), 422, '/customer_name'],
  ['a name of combining marks', name(JSON.stringify(`Z${'\u0301'.repeat(199)}`)), 201],
  ['a name that is SQL', name(`"Robert'); DROP TABLE orders;--"`), 201],
  ['a name that is a script', name('"<script>alert(1)</script>"'), 201],
  ['a name that turns the writing round', name('"Ada \\u202egnitirw"'), 422, '/customer_name'],
  ['a name that is an object', name('{"toString":"x"}'), 422, '/customer_name'],
  ['an email with two ends', orderText('email', '"a@b.co\\r\\nBcc: c@d.co"'), 422, '/email'],
  [
    'an email of 255 characters',
    orderText('email', JSON.stringify(`${'a'.repeat(250)}@b.co`)),
    422,
    '/email',
  ],
  ['an array 30,000 deep', '['.repeat(30_000), 400],
  ['a well-formed array 30,000 deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 422],
  ['an object 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 422],
  ['lines 10,000 deep', orderText('lines', `${'['.repeat(10_000)}${']'.repeat(10_000)}`), 422, '/lines/0'],
  [
    'five thousand unknown fields',
    `{${Array.from({ length: 5_000 }, (_, i) => `"f${i}":1`).join(',')}}`,
    422,
  ],
];
