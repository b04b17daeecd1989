import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assetUrl, findAsset } from './assets.ts';

test('a style sheet is found under its hashed URL and kept for ever', () => {
  const asset = findAsset(assetUrl('theme.css'));
  assert.ok(asset);
  assert.match(assetUrl('theme.css'), /^\/assets\/theme\.[0-9a-f]{12}\.css$/);
  assert.equal(asset.contentType, 'text/css; charset=utf-8');
  assert.match(asset.cacheControl, /immutable/);
});

test('every import of a browser module leads to a file that is served', () => {
  const text = Buffer.from(findAsset(assetUrl('shop.js'))?.bytes.plain ?? []).toString();
  const imports = Array.from(text.matchAll(/from '([^']+)'/g), (match) => match[1] ?? '');
  assert.ok(imports.length > 3);
  for (const url of imports) assert.ok(findAsset(url), url);
});

test('nothing else is served', () => {
  for (const path of ['/assets/theme.css', '/assets/../html.ts', '/images/../theme.css', '/']) {
    assert.equal(findAsset(path), null);
  }
});
