import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathBeside } from './path-beside.ts';

test('a picture lies in the folder of its list or below, also when that is the root', () => {
  for (const [folder, name, path] of [
    ['/', 'tent.jpg', '/tent.jpg'],
    ['/', 'pictures/tent.jpg', '/pictures/tent.jpg'],
    ['/shop', 'tent.jpg', '/shop/tent.jpg'],
    ['/shop/', './pictures/../tent.jpg', '/shop/tent.jpg'],
    ['/shop', '..tent.jpg', '/shop/..tent.jpg'],
    ['/shop', '/shop/tent.jpg', '/shop/tent.jpg'],
    ['/shop', '../tent.jpg', null],
    ['/shop', '../shop-2/tent.jpg', null],
    ['/shop', '/etc/passwd', null],
    ['/shop', '..', null],
    ['/shop', '.', null],
  ] as const)
    assert.equal(pathBeside(folder, name), path, `${name} in ${folder}`);
});
