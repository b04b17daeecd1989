import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingPreferenceOf, formPreferenceOf, gzipPreferenceOf } from './content-negotiation.ts';

test('Accept decides between a page and JSON', () => {
  for (const [accept, preference] of [
    [null, 'either'],
    ['', 'either'],
    ['*/*', 'either'],
    ['text/html', 'page'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'page'],
    ['application/json', 'json'],
    ['application/json, text/plain, */*', 'json'],
    ['application/problem+json', 'json'],
    ['text/html;q=0.5, application/json', 'json'],
    ['text/html;q=0', 'json'],
    ['text/html;q=0, */*', 'json'],
    ['text/html; q=0.000, image/png', 'json'],
    ['application/json;q=0', 'page'],
    ['application/*;q=0', 'page'],
    ['text/html;q=0, application/*;q=0', 'either'],
    ['*/*;q=0', 'either'],
    ['application/*;q=0.9, text/*;q=0.8', 'json'],
    ['TEXT/HTML ; Q=1.0, application/json;q=0.9', 'page'],
    ['text/html;level="1,2";q=0.4, application/json;q=0.5', 'json'],
    ['image/png', 'either'],
    ['text/html;q=abc, application/json;q=0.1', 'json'],
    [',,;;q=,=', 'either'],
  ] as const) {
    const headers = new Headers(accept === null ? {} : { accept });
    assert.equal(formPreferenceOf(headers), preference, String(accept));
  }
});

test('Accept-Encoding decides between brotli, gzip and neither', () => {
  for (const [acceptEncoding, encoding] of [
    [null, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0', 'identity'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0, gzip;q=0.000', 'identity'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['identity, gzip;q=0.5', 'identity'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['br;q=0, *', 'gzip'],
    ['BR', 'br'],
    ['xbr, br-old, gzipped', 'identity'],
    ['gzip;q=abc', 'identity'],
  ] as const) {
    const headers = new Headers(acceptEncoding === null ? {} : { 'accept-encoding': acceptEncoding });
    assert.equal(encodingPreferenceOf(headers), encoding, String(acceptEncoding));
  }
});

test('where there is no brotli, a client that takes brotli alone gets no gzip', () => {
  for (const [acceptEncoding, encoding] of [
    ['br', 'identity'],
    ['br, gzip;q=0', 'identity'],
    ['br, gzip;q=0.1', 'gzip'],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['*', 'gzip'],
    ['identity, gzip;q=0.5', 'identity'],
  ] as const) {
    const headers = new Headers({ 'accept-encoding': acceptEncoding });
    assert.equal(gzipPreferenceOf(headers), encoding, acceptEncoding);
  }
});

test('a field longer than the ones that are remembered is read too', () => {
  const accept = `${'image/x-a, '.repeat(80)}text/html`;
  assert.equal(formPreferenceOf(new Headers({ accept })), 'page');
});

test('a field of more than 1,000 characters counts as absent', () => {
  const accept = (length: number) => new Headers({ accept: 'text/html,a/b'.padEnd(length, 'b') });
  assert.equal(formPreferenceOf(accept(1_000)), 'page');
  assert.equal(formPreferenceOf(accept(1_001)), 'either');
  const encoding = (length: number) => new Headers({ 'accept-encoding': 'gzip'.padEnd(length, ',a') });
  assert.equal(gzipPreferenceOf(encoding(1_000)), 'gzip');
  assert.equal(gzipPreferenceOf(encoding(1_001)), 'identity');
  assert.equal(encodingPreferenceOf(encoding(1_001)), 'identity');
});
