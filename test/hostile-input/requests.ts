/** Request lines, addresses and headers that are known to hurt services, and a client that sends just any bytes. */
import { connect } from 'node:net';

export const hostilePaths = [
  '/%00',
  '/orders/%00',
  '/api/v1/orders/%00',
  '/api/v1/orders/..%2f..%2f',
  '/api/v1/products/%ff',
  '/api/v1/products/tent-4p%00',
  '/api/v1/products/__proto__',
  '/api/v1/products/constructor',
  '/api/v1/states/__proto__/top-products',
  '/api/v1/states/constructor/top-products',
  '/images/..%2f..%2fconfig.ts',
  '/assets/..%5c..%5cpackage.json',
  '/%',
  '/%zz',
  '//',
  '///orders//',
  '/.env',
  '/orders/',
  '/orders//',
  `/orders/${'a'.repeat(7_000)}`,
  `/${'%41'.repeat(2_000)}`,
  `/?${'a&'.repeat(3_000)}`,
  '/?product=%00',
  '/?product=%ff%fe',
  '/?product=%3Cscript%3E',
  '/get_product?product_name=%00',
  `/get_product?product_name=${'%F0%9F%98%80'.repeat(500)}`,
  '/get_product?product_name[]=x',
  '/get_product?product_name=a&product_name=b',
  '/api/v1/products?limit=9999999999999999999999',
  '/api/v1/products?cursor=%00',
  '/api/v1/orders/0199f0c0-0000-7000-8000-000000000000?key=%00',
  '/metrics?x=%ff',
  '/docs?x=%00',
  '/openapi.json?%',
];

export const hostileRequestLines = [
  'GET /\x00 HTTP/1.1',
  'GET /\xff\xfe HTTP/1.1',
  'GET / HTTP/9.9',
  'GET',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0',
  'GET http://shop/ HTTP/1.1',
  'GET http://[::1 HTTP/1.1',
  'CONNECT shop:443 HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'TRACE / HTTP/1.1',
  'BREW /pot HTTP/1.1',
  'get / HTTP/1.1',
  'GET\t/\tHTTP/1.1',
  ' GET / HTTP/1.1',
  'GET /?\x7f HTTP/1.1',
  'GET /#fragment HTTP/1.1',
  'GET ?x HTTP/1.1',
  'GET orders HTTP/1.1',
];

/** Headers that something of ours looks at. */
export const headersWeRead = [
  'accept',
  'accept-encoding',
  'cookie',
  'order-key',
  'if-none-match',
  'origin',
  'x-request-id',
  'traceparent',
  'x-forwarded-proto',
  'host',
  'range',
  'expect',
  'upgrade',
  'content-type',
  'referer',
  'if-modified-since',
];

export const hostileValues = [
  '',
  ' ',
  '\x01',
  '\xff\xfe',
  '"',
  '"\\',
  ';;;,,,',
  '%00',
  '__proto__',
  'a'.repeat(7_000),
  '*',
  'null',
  '-1',
  '1'.repeat(400),
  '\t',
  '() { :;};',
  '$(reboot)',
  ','.repeat(2_000),
];

/** One request on a connection of its own, byte for byte (Latin-1). Status 0 when there was no answer. */
export function sendBytes(url: string, request: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const finish = () => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    };
    socket.setTimeout(1_500, finish);
    socket.on('error', finish).on('close', finish);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.write(Buffer.from(request, 'latin1'));
  });
}
