/** Pictures that unpack to 128 MiB each are checked one after the other, without keeping any of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeApiKey } from '../../src/access/api-key.ts';
import { largestPngs } from '../pictures.ts';
import { spawnCli } from '../service.ts';
import { createKey } from './behind-the-service.ts';
import { withShop } from './open-shop.ts';
import { get, jsonOf } from './shop-client.ts';

const pictures = largestPngs(12);

/** MiB; one unpacked picture would be nearly half of it, and all of them some 1,500. */
const peakMibMax = 280;

/** Resident memory at its highest so far, in MiB; null when the process has ended. */
function peakMibOf(pid: number): number | null {
  try {
    const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return found === undefined ? null : Number(found) / 1024;
  } catch {
    return null;
  }
}

const skip = process.platform === 'linux' ? false : 'the peak of memory is read from /proc';

describe('pictures that unpack to 128 MiB each', { skip }, () => {
  it('are imported within the memory of a few', () =>
    withShop({ settings: { DEMO_CATALOG: 'false' } }, async (shop) => {
      const lines = pictures.map((_, i) => `p-${i},Picture ${i},1.00,p${i}.png`);
      await writeFile(join(shop.folder, 'list.csv'), `sku,name,price,image\n${lines.join('\n')}\n`);
      for (const [i, bytes] of pictures.entries()) await writeFile(join(shop.folder, `p${i}.png`), bytes);
      const environment = { DATABASE_URL: `sqlite:${shop.file}`, LOG_FILE: '' };
      const importing = spawnCli(['catalog', 'import', 'list.csv'], { dir: shop.folder, env: environment });
      let peakMib = 0;
      const watching = setInterval(() => {
        peakMib = Math.max(peakMib, peakMibOf(importing.pid) ?? 0);
      }, 20);
      const { code } = await importing.exited;
      clearInterval(watching);
      assert.equal(code, 0, importing.output());
      assert.match(importing.output(), /12 added/);
      assert.ok(peakMib > 20, 'the peak was seen');
      assert.ok(peakMib < peakMibMax, `${Math.round(peakMib)} MiB at the peak`);
    }));

  it('are taken over HTTP all at once within the memory of a few', () =>
    withShop({}, async (shop) => {
      const { key, stored } = makeApiKey(
        { name: 'erp', scopes: ['catalog:write'], expiresAtMs: null },
        Date.now(),
      );
      await createKey(shop, stored);
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'image/png' };
      const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=12`));
      const skus: readonly string[] = products.map(({ sku }: { readonly sku: string }) => sku);
      const statuses = await Promise.all(
        pictures.map(async (bytes, i) => {
          const url = `${shop.url}/api/v1/products/${skus[i % skus.length]}/image`;
          const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
          return `${answer.status} ${answer.ok ? '' : await answer.text()}`.trim();
        }),
      );
      assert.deepEqual(new Set(statuses), new Set(['200']));
      const peakMib = peakMibOf(shop.service.pid) ?? 0;
      assert.ok(peakMib > 20, 'the peak was seen');
      assert.ok(peakMib < peakMibMax, `${Math.round(peakMib)} MiB at the peak`);
    }));
});
