import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AssetName, assetPath, findAsset, findImage } from './assets.ts';

const fileOf = (name: AssetName) => assetPath(name).replace('/assets/', '');

test('a style sheet is found under its hashed URL and kept for ever', () => {
  const asset = findAsset(fileOf('theme.css'));
  assert.ok(asset);
  assert.match(assetPath('theme.css'), /^\/assets\/theme\.[0-9a-f]{12}\.css$/);
  assert.equal(asset.contentType, 'text/css; charset=utf-8');
  assert.match(asset.cacheControl, /immutable/);
});

test('every import of a browser module leads to a file that is served', () => {
  const text = Buffer.from(findAsset(fileOf('shop.js'))?.bytes.plain ?? []).toString();
  const imports = Array.from(text.matchAll(/from '([^']+)'/g), (match) => match[1] ?? '');
  assert.ok(imports.length > 3);
  for (const url of imports) assert.ok(findAsset(url.replace(/^\.\//, '')), url);
});

test('nothing else is served', () => {
  for (const file of ['theme.css', '../html.ts', '..', '', 'toString']) {
    assert.equal(findAsset(file), null);
    assert.equal(findImage(file), null);
  }
});
