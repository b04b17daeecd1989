import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { createSeenSkus, TemporaryFileError } from './seen-skus.ts';

/** Bytes of files without a name that this process has open, as are SQLite's temporary ones (sqlite.org/tempfiles.html). */
function temporaryBytes(): number {
  const folder = '/proc/self/fd';
  const sizes = readdirSync(folder).map((name) => {
    const path = `${folder}/${name}`;
    try {
      return readlinkSync(path).endsWith(' (deleted)') ? statSync(path).size : 0;
    } catch {
      // The folder itself, which is closed by now.
      return 0;
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

for (const place of ['memory', 'file'] as const) {
  test(`a SKU is known by the first line that it stood on, and no other is: in ${place}`, () => {
    const seen = createSeenSkus(place);
    const skus = Array.from({ length: 20_000 }, (_, nth) => `p-${nth}`);
    for (const [nth, sku] of skus.entries()) assert.equal(seen.add(sku, nth + 2), null);
    for (const [nth, sku] of skus.entries()) assert.equal(seen.add(sku, 90_000), nth + 2);
    assert.equal(seen.add('p-20000', 4_294_967_296), null);
    assert.equal(seen.add('p-20000', 1), 4_294_967_296);
    seen.close();
  });
}

const skip = process.platform === 'linux' ? false : 'open files are read from /proc';

test('the SKUs of a long list are on the disk, and nothing of them is left', { skip }, () => {
  const bytesBefore = temporaryBytes();
  const seen = createSeenSkus('file');
  const sku = (nth: number) => `${'s'.repeat(50)}-${nth}`;
  for (let nth = 1; nth <= 100_000; nth += 1) seen.add(sku(nth), nth);
  const bytes = temporaryBytes() - bytesBefore;
  assert.ok(bytes > 5_000_000, `${bytes} bytes of 6,000,000 or so`);
  assert.equal(seen.add(sku(1), 100_001), 1);
  seen.close();
  assert.equal(temporaryBytes(), bytesBefore);
});

test('a fault of the disk is told with the remedy', () => {
  const seen = createSeenSkus('file');
  seen.close();
  assert.throws(() => seen.add('p-1', 2), {
    name: TemporaryFileError.name,
    message: /^The SKUs of the list can’t be kept in a temporary file: .*TMPDIR/,
  });
});
