/** Records answers of the real service, so that the HTTP ceiling sends the same bytes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FixedAnswer, FixedAnswers } from '../baselines/http-ceiling/fixed-answers.ts';
import { confirmationPathIn } from '../load/confirmation-path.ts';
import { typicalOrder } from '../load/customers.ts';
import type { Databases } from './databases.ts';
import type { Side } from './sides.ts';

const timeoutMs = 10_000;
/** Set by the server that sends them, not by the service. */
const transportFields = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);

/** Returns the size of the page. */
export async function recordAnswers(
  side: Side,
  databases: Databases,
  workFolder: string,
  answersFile: string,
): Promise<number> {
  const folder = mkdtempSync(join(workFolder, 'record-'));
  const database = await databases.open('nozama', 0, folder);
  try {
    const running = await side.start({
      folder,
      databaseUrl: database.url,
      answersFile: null,
      pageBytes: 0,
      env: {},
    });
    try {
      const answers = await placeAndRead(running.urls[0] ?? '');
      writeFileSync(answersFile, JSON.stringify(answers));
      return Buffer.byteLength(answers.page.body);
    } finally {
      await running.stop();
    }
  } finally {
    await database.close(null);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function placeAndRead(url: string): Promise<FixedAnswers> {
  // No compression: the generator asks for none.
  const headers = { 'accept-encoding': 'identity' };
  let placed: FixedAnswer | undefined;
  // Three orders of different products fill the ranking on the page.
  for (const sku of ['storm-lantern', 'awning-mug', 'tent-4p']) {
    const response = await fetch(`${url}/api/v1/orders`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      body: JSON.stringify({ ...typicalOrder, lines: [{ sku, quantity: 1 }] }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    placed = await readAnswer(response, 201);
  }
  const path = placed === undefined ? null : confirmationPathIn(placed.body);
  if (placed === undefined || path === null) throw new Error('the answer to an order names no page');
  const page = await fetch(url + path, {
    headers: { ...headers, accept: 'text/html' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { placed, page: await readAnswer(page, 200) };
}

async function readAnswer(response: Response, expectedStatus: number): Promise<FixedAnswer> {
  const body = await response.text();
  if (response.status !== expectedStatus)
    throw new Error(`${response.url} answered ${response.status}: ${body}`);
  const headers = Object.fromEntries(
    Array.from(response.headers).filter(([name]) => !transportFields.has(name)),
  );
  return { headers, body };
}
