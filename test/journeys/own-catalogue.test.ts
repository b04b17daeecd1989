/** A catalogue of one's own: imported and exported on the command line, with pictures and stock, into an empty shop. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { anImage } from '../builders.ts';
import { runCli } from '../service.ts';
import { engineOf, openShop, type Shop, withShop } from './open-shop.ts';
import { get, inStock, jsonOf, place } from './shop-client.ts';

const engine = engineOf(import.meta.url);

const list = [
  '\ufeffprice;name;sku;image;description;stock;category;active',
  '19.99;"Tent; for ""four""";tent;pictures/tent.jpg;"Two\r\nlines.";12;Outdoors;true',
  '0;"=HYPERLINK(""http://example.com"")";FREE-1;;;3;;',
  '1000000;Ring;ring;;;0;Jewels;no',
  '',
].join('\r\n');

describe(`a catalogue of one’s own (${engine})`, () => {
  let shop: Shop;
  before(async () => {
    shop = await openShop({ engine, settings: { DEMO_CATALOG: 'false' } });
    await mkdir(join(shop.folder, 'pictures'));
    // A PNG, whatever its name says.
    await writeFile(join(shop.folder, 'pictures/tent.jpg'), anImage().bytes);
  });
  after(() => shop?.close());

  const write = (name: string, text: string | Uint8Array) => writeFile(join(shop.folder, name), text);
  const product = async (sku: string) => jsonOf(await get(`${shop.url}/api/v1/products/${sku}`));
  const importList = (...args: readonly string[]) => shop.run(['catalog', 'import', ...args]);

  it('begins with an empty shop, whose page says so kindly', async () => {
    const page = await get(`${shop.url}/`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.text, /Nothing on the counter right now/);
    assert.doesNotMatch(page.text, /method="post"|type="module"|js-only/, 'there is nothing to order');
    assert.deepEqual(jsonOf(await get(`${shop.url}/api/v1/products`)).products, []);
  });

  it('is shown by a dry run, product by product, which changes nothing', async () => {
    await write('products.csv', list);
    const { code, stdout } = await importList('products.csv', '--dry-run');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^\+ tent: Tent; for "four", \$19\.99\n\+ free-1: .*\n\+ ring: /);
    assert.match(stdout, /It would be: 3 added, 0 changed, 0 unchanged; 15 units of 2 products received\./);
    assert.equal((await get(`${shop.url}/api/v1/products/tent`)).status, 404);
  });

  it('is imported with its pictures and its stock', async () => {
    const { code, stdout } = await importList('products.csv');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Imported 3 lines: 3 added/);
    const tent = await product('tent');
    assert.deepEqual(
      [tent.name, tent.description, tent.category, tent.price.amount, tent.num_in_stock, tent.active],
      ['Tent; for "four"', 'Two\nlines.', 'Outdoors', 1_999, 12, true],
    );
    assert.match(tent.image_url, /^\/images\/[0-9a-f]{64}\.png$/);
    const free = await product('free-1');
    assert.deepEqual(
      [free.price.amount, free.category, free.image_url],
      [0, 'Other', '/images/placeholder.svg'],
    );
    assert.equal((await get(`${shop.url}${free.image_url}`)).status, 200);
    assert.equal((await product('ring')).active, false);
    await place(shop.url, { lines: [{ sku: 'tent', quantity: 2 }] });
  });

  it('has pictures that are kept for ever by their hash', async () => {
    const { image_url: path } = await product('tent');
    const answer = await fetch(`${shop.url}${path}`);
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(anImage().bytes));
    const etag = answer.headers.get('etag') ?? '';
    assert.equal((await get(`${shop.url}${path}`, { 'if-none-match': etag })).status, 304);
    for (const other of [
      path.replace('.png', '.jpg'),
      path.replace(/[0-9a-f]\.png/, 'x.png'),
      '/images/none.png',
    ])
      assert.equal((await get(`${shop.url}${other}`)).status, 404, other);
  });

  it('imported again changes nothing, and receives nothing twice', async () => {
    const { code, stdout } = await importList('products.csv');
    assert.equal(code, 0);
    assert.match(stdout, /0 added, 0 changed, 3 unchanged\.\n/);
    assert.equal(await inStock(shop.url, 'tent'), 10);
    await write('more.csv', 'sku,name,price,stock\ntent,Tent,25.00,5\n');
    assert.match(
      (await importList('more.csv', '--reference', 'PO 7')).stdout,
      /Imported 1 line: .*1 changed.*5 units of 1 product received/,
    );
    assert.match((await importList('more.csv', '--reference', 'PO 7')).stdout, /1 unchanged\.\n/);
    assert.equal(await inStock(shop.url, 'tent'), 15);
    await write('more.csv', 'sku,name,price,stock\ntent,Tent,25.00,6\n');
    const { code: refused, output } = await importList('more.csv', '--reference', 'PO 7');
    assert.equal(refused, 1);
    assert.match(output, /line 2, stock: Under the reference "PO 7" 5 units .*\(receipt\), .* says 6/);
    assert.equal((await product('tent')).description, 'Two\nlines.', 'what has no column stays');
  });

  it('comes back from an export as it was, and is no formula in a spreadsheet', async () => {
    const exported = await shop.run(['catalog', 'export']);
    assert.equal(exported.code, 0, exported.output);
    assert.match(exported.stdout, /^sku,name,description,category,price,image,active\r\nfree-1,"'=HYPERLINK/);
    assert.match(exported.stdout, /,"Two\nlines\.",/);
    await write('exported.csv', exported.stdout);
    const { stdout } = await importList('exported.csv', '--dry-run');
    assert.equal(stdout, 'It would be: 0 added, 0 changed, 3 unchanged. Nothing was changed.\n');
    assert.equal((await shop.run(['catalog', 'export'])).stdout, exported.stdout);
    assert.equal((await product('free-1')).name, '=HYPERLINK("http://example.com")');
  });

  it('is read from standard input, as NDJSON', async () => {
    const lines = ['{"sku":"mug","name":"Mug","price":{"amount":1250,"currency":"USD"},"stock":4}', ''];
    await write('list.ndjson', lines.join('\n'));
    const { code, output } = await importList('list.ndjson');
    assert.equal(code, 0, output);
    assert.deepEqual([(await product('mug')).price.amount, await inStock(shop.url, 'mug')], [1_250, 4]);
  });

  it('stays as it is when a line is wrong, unless wrong lines are skipped', async () => {
    await write(
      'wrong.csv',
      'sku,name,price,image\nhat,Hat,1\nmug,Mug 2,1.999,\ncap,Cap,3,none.png\ncap-2,Cap,3,../../etc/passwd\nfez,Fez,4,\nfez,Fez,5,\nbow,Bow,6,wrong.csv\nlei,Lei,7,https://pictures.example/lei.png\n',
    );
    const { code, output, stdout } = await importList('wrong.csv');
    assert.equal(code, 1);
    for (const words of [
      /^line 2: The line has 3 cells/m,
      /^line 3, price: "1\.999" is no price\. Round it to the cent/m,
      /^line 4, image: There is no file none\.png beside the list\./m,
      /^line 5, image: .* is not beside the list\./m,
      /^line 7, sku: The SKU fez stands on line 6, too\./m,
      /^line 8, image: This is no PNG, JPEG, WebP or AVIF/m,
      /^line 9, image: https:\/\/pictures\.example\/lei\.png is on another server, .*Save it beside the list/m,
    ])
      assert.match(output, words);
    assert.match(
      stdout,
      /Nothing was imported of 8 lines\. 7 mistakes\. Mend them, or import the good lines with --skip-bad-lines\./,
    );
    assert.equal((await get(`${shop.url}/api/v1/products/fez`)).status, 404);
    const skipping = await importList('wrong.csv', '--skip-bad-lines');
    assert.equal(skipping.code, 1);
    assert.match(skipping.stdout, /Imported 8 lines: 1 added, 0 changed, 0 unchanged\. 7 mistakes\./);
    assert.deepEqual([(await product('fez')).price.amount, (await product('mug')).name], [400, 'Mug']);
  });

  it('receives the stock of its good lines once, also when the mended list is imported again', async () => {
    await write('half.csv', 'sku,name,price,stock\nden,Den,4,5\nrug,Rug,x,6\n');
    const refused = await importList('half.csv', '--skip-bad-lines');
    assert.match(refused.output, /^line 2, stock: .* needs a reference/m);
    assert.equal((await get(`${shop.url}/api/v1/products/den`)).status, 404);
    await importList('half.csv', '--skip-bad-lines', '--reference', 'delivery 7');
    await write('half.csv', 'sku,name,price,stock\nden,Den,4,5\nrug,Rug,5,6\n');
    const mended = await importList('half.csv', '--skip-bad-lines', '--reference', 'delivery 7');
    assert.equal(mended.code, 0, mended.output);
    assert.deepEqual([await inStock(shop.url, 'den'), await inStock(shop.url, 'rug')], [5, 6]);
  });

  it('is corrected without its stock coming in again', async () => {
    await write('bins.csv', 'sku,name,price,stock\nbin,Bin,4,5\n');
    await importList('bins.csv');
    await write('bins.csv', 'sku,name,price,stock\nbin,Bin,5,5\nbox,Box,6,2\n');
    const refused = await importList('bins.csv');
    assert.equal(refused.code, 1);
    assert.match(refused.output, /^line 2, stock: .*\(--reference, .* leave the stock empty\.$/m);
    assert.match(refused.stdout, /Nothing was imported of 2 lines\. 1 mistake\./);
    assert.deepEqual([(await product('bin')).price.amount, await inStock(shop.url, 'bin')], [400, 5]);
    await write('bins.csv', 'sku,name,price,stock\nbin,Bin,5,\nbox,Box,6,2\n');
    assert.equal((await importList('bins.csv')).code, 0);
    assert.equal((await importList('bins.csv')).code, 0, 'the same list again');
    assert.deepEqual([(await product('bin')).price.amount, await inStock(shop.url, 'bin')], [500, 5]);
    assert.equal(await inStock(shop.url, 'box'), 2);
    await write('bins.csv', 'sku,name,price,stock\nbin,Bin,5,3\n');
    assert.equal((await importList('bins.csv', '--reference', 'delivery 8')).code, 0);
    assert.equal(await inStock(shop.url, 'bin'), 8);
  });

  it('is told what a file is that is no list', async () => {
    await write('picture.csv', anImage().bytes);
    await write('empty.csv', '');
    await write('header.csv', 'sku,name,price\n');
    await write('array.json', ' [{"sku":"hat","name":"Hat","price":1}]');
    for (const [file, words] of [
      ['picture.csv', /This is a picture \(PNG\), and no list of products\./],
      ['empty.csv', /The file is empty\./],
      ['header.csv', /has no product below them/],
      ['array.json', /This is a JSON array, .*one object on each line/],
      ['none.csv', /none\.csv can’?'?t be read/],
      ['pictures', /is no file/],
    ] as const) {
      const { code, output } = await importList(file);
      assert.equal(code, 1, file);
      assert.match(output, words);
      assert.doesNotMatch(output, /import the good lines/, 'there are none');
      assert.doesNotMatch(output, /^\s+at /m);
    }
    assert.equal((await shop.run(['catalog', 'lend'])).code, 2);
    assert.equal((await importList('x.csv', '--format', 'xlsx')).code, 2);
  });

  it('has its stock received and adjusted, each once by its reference, and listed', async () => {
    const stock = async (...args: readonly string[]) => {
      const { code, output } = await shop.run(['stock', ...args]);
      return `${code} ${output.trim()}`;
    };
    assert.equal(await stock('receive', 'mug', '6', '--reference', 'PO-1'), '0 +6 mug: 10 on hand.');
    assert.match(
      await stock('receive', 'mug', '6', '--reference', 'PO-1'),
      /^0 .*made before.*10 on hand, nothing changed/,
    );
    assert.match(
      await stock('receive', 'mug', '7', '--reference', 'PO-1'),
      /^1 .*has another movement of mug \(receipt, 6 units\).*asks for receipt, 7 units/,
    );
    assert.match(
      await stock('adjust', 'mug', '6', '--reason', 'found', '--reference', 'PO-1'),
      /^1 .*\(receipt, 6 units\).*asks for found, 6 units/,
    );
    assert.equal(
      await stock('adjust', 'mug', '3', '--reason', 'damage', '--note', 'Dropped.'),
      '0 -3 mug: 7 on hand.',
    );
    assert.equal(await stock('adjust', 'mug', '+1', '--reason', 'found'), '0 +1 mug: 8 on hand.');
    assert.equal(await stock('adjust', 'mug', '-2', '--reason', 'count'), '0 -2 mug: 6 on hand.');
    assert.match(
      await stock('adjust', 'mug', '7', '--reason', 'theft'),
      /^1 There are 6 of mug on hand: 7 can't be taken/,
    );
    assert.match(await stock('receive', 'ghost', '1'), /^1 There is no product ghost/);
    assert.match(await stock('adjust', 'mug', '0', '--reason', 'count'), /^1 A movement of 0 units/);
    assert.match(await stock('receive', 'mug', 'many'), /^2 /);
    assert.match(await stock('adjust', 'mug', '1', '--reason', 'gift'), /^2 /);
    const told = await stock('movements', 'mug');
    assert.match(
      told,
      /^0 \d+\t\S+Z\t-2\tcount\tcli\n.*\t\+1\tfound\tcli\n.*\t-3\tdamage\tcli\t\tDropped\.\n.*PO-1\n/,
    );
    assert.match(told, /\n6 on hand\.$/);
  });

  it('verifies clean', async () => {
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });
});

describe('an import before the first start', () => {
  it('opens that shop instead of the demo', () =>
    withShop({ engine }, async (first) => {
      await first.stop();
      const dir = join(first.folder, 'own');
      await mkdir(dir);
      await writeFile(join(dir, 'products.csv'), 'sku,name,price\nmug,Mug,5\n');
      const env = { DATABASE_URL: `sqlite:${join(dir, 'own.db')}`, LOG_FILE: '' };
      assert.equal((await runCli(['catalog', 'import', 'products.csv'], { dir, env })).code, 0);
      await withShop({ settings: env }, async ({ url }) => {
        const { products } = jsonOf(await get(`${url}/api/v1/products`));
        assert.deepEqual(
          products.map(({ sku }: { sku: string }) => sku),
          ['mug'],
        );
      });
      assert.ok((await readFile(join(dir, 'own.db'))).length > 0);
    }));
});
