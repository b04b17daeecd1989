import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { order } from '../scenarios/requests.ts';
import { randomData } from './journeys.ts';
import { openLedger } from './ledger.ts';
import { seededRandom } from './random.ts';

const random = randomData(seededRandom(1));

test('each order is one line: key, status, path with its key, digest of the answer, what was sent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  try {
    const file = join(folder, 'ledger-0.tsv');
    const ledger = openLedger(file);
    const answer = Buffer.from('{"order_id":"o","confirmation_url":"/orders/o?key=ké"}');
    const steps = Array.from({ length: 4 }, () => order(random, { sku: 'tab\tin "it"' }));
    const pretty = Buffer.from('{\r\n\t"lines": []\n}');
    const [placed, unknown, refused, odd] = steps as [...typeof steps, never, never, never, never];
    ledger.wrote(placed, 201, answer);
    ledger.wrote(unknown, 0, Buffer.alloc(0));
    ledger.wrote(refused, 409, Buffer.from('{"code":"out_of_stock"}'));
    ledger.wrote({ ...odd, order: { key: 'k', body: pretty } }, 422, Buffer.alloc(0));
    assert.equal(readFileSync(file, 'utf8'), '');
    ledger.flush();
    const digest = createHash('sha1').update(answer).digest('hex').slice(0, 16);
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.deepEqual(lines.slice(0, 3), [
      `${placed.order.key}\t201\t/orders/o?key=ké\t${digest}\t${placed.order.body}`,
      `${unknown.order.key}\t0\t\t\t${unknown.order.body}`,
      `${refused.order.key}\t409\t\t\t${refused.order.body}`,
    ]);
    assert.deepEqual(JSON.parse(lines[3]?.split('\t')[4] ?? ''), JSON.parse(pretty.toString()));
    assert.ok(lines.slice(0, 4).every((line) => line.split('\t').length === 5));
    ledger.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('more than the buffer holds is written in order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  try {
    const file = join(folder, 'ledger-0.tsv');
    const ledger = openLedger(file);
    const keys = Array.from({ length: 5_000 }, () => {
      const step = order(random, { sku: 'mug' });
      ledger.wrote(step, 201, Buffer.from('{"order_id":"o-1"}'));
      return step.order.key;
    });
    ledger.close();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split('\t')[0]),
      keys,
    );
    assert.equal(lines[4_999]?.split('\t')[2], '/orders/o-1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a ledger has an end, and says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  try {
    const ledger = openLedger(join(folder, 'ledger-0.tsv'), 500);
    const step = order(random, { sku: 'mug' });
    ledger.wrote(step, 201, Buffer.from('{"order_id":"o-1"}'));
    ledger.flush();
    for (let i = 0; i < 3; i += 1) ledger.wrote(step, 201, Buffer.from('{"order_id":"o-1"}'));
    assert.throws(
      () => ledger.close(),
      /the ledger of a worker has reached its 500 bytes: please split the run/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
