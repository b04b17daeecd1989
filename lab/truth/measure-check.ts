/**
 * Places orders as fast as one process can, keeps their ledger, and prints what checking them takes.
 *
 *     bun lab/truth/measure-check.ts --url http://127.0.0.1:5000 --orders 1000000
 */
import { hash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Connection, openConnection } from '../load/connection.ts';
import { createOrderRequests } from '../load/order-requests.ts';
import { freshRandom } from '../load/random.ts';
import { checkTruth, readStock } from './check-truth.ts';

const connectionsAtOnce = 64;
const checkMsMax = 3_600_000;

const { values } = parseArgs({
  options: { url: { type: 'string' }, orders: { type: 'string', default: '100000' } },
});
const url = new URL(values.url ?? 'http://127.0.0.1:5000');
const orders = Number(values.orders);
const base = url.origin;
const folder = mkdtempSync(join(tmpdir(), 'nozama-ledger-'));
try {
  const stockBefore = await readStock(base);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const placedMs = await timed(() => placeOrders(stockBefore.map(({ sku }) => sku)));
  say(`placed   ${orders} orders in ${inSeconds(placedMs)} s, ${rate(orders, placedMs)} orders/s`);
  const memoryBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  let memoryMost = memoryBefore;
  const watch = setInterval(() => {
    memoryMost = Math.max(memoryMost, process.memoryUsage.rss());
  }, 100);
  const startMs = performance.now();
  const verdict = await checkTruth({
    url: base,
    ledgerFolder: folder,
    stockBefore,
    onProgress: () => {},
    checkMsMax,
  });
  const ms = performance.now() - startMs;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cores = ((user + system) / 1_000 / ms).toFixed(2);
  say(
    `checked  ${verdict.checked} orders in ${inSeconds(ms)} s, ${rate(verdict.checked, ms)} orders/s, ${cores} cores`,
  );
  say(`memory   ${inMegabytes(memoryBefore)} MB before, ${inMegabytes(memoryMost)} MB at the most`);
  say(`verdict  ${verdict.kind}: ${verdict.sentence}`);
  process.exitCode = verdict.kind === 'kept' ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Each connection sends one after the other; whatever is not answered 201 ends the measurement. */
function placeOrders(skus: readonly string[]): Promise<void> {
  const requests = createOrderRequests({
    host: url.host,
    path: '/api/v1/orders',
    skus,
    seed: freshRandom()(),
    keyKind: 'uuidv7',
  });
  const file = openSync(join(folder, 'ledger-0.tsv'), 'w');
  let lines: string[] = [];
  let sent = 0;
  let answered = 0;
  return new Promise<void>((resolve, reject) => {
    const connections: Connection[] = [];
    const underWay = new Map<Connection, string>();
    const end = (error: Error | null) => {
      for (const connection of connections) connection.close();
      writeSync(file, lines.join(''));
      closeSync(file);
      if (error === null) resolve();
      else reject(error);
    };
    const send = (connection: Connection) => {
      if (sent >= orders) return;
      sent += 1;
      const bytes = requests.next();
      underWay.set(connection, Buffer.from(bytes).toString());
      const nowMs = performance.now();
      connection.send({ kind: 0, expectedStatus: 201, keepBody: true, bytes }, nowMs, nowMs);
    };
    const answer = (connection: Connection) => {
      const { parser } = connection;
      const body = parser.body();
      if (parser.status() !== 201) {
        end(new Error(`an order was answered ${parser.status()}: ${body.toString()}`));
        return;
      }
      const request = underWay.get(connection) ?? '';
      const key = /^Idempotency-Key: (.*)\r$/m.exec(request)?.[1];
      const path = /"confirmation_url":"([^"]+)"/.exec(body.toString())?.[1];
      const sentBody = request.slice(request.indexOf('\r\n\r\n') + 4);
      lines.push(`${key}\t201\t${path}\t${hash('sha1', body, 'hex').slice(0, 16)}\t${sentBody}\n`);
      if (lines.length >= 1_000) {
        writeSync(file, lines.join(''));
        lines = [];
      }
      answered += 1;
      if (answered === orders) end(null);
      else send(connection);
    };
    for (let i = 0; i < connectionsAtOnce; i += 1) {
      connections.push(
        openConnection(url.hostname, Number(url.port || 80), {
          opened: send,
          answered: answer,
          lost: (_connection, reason) => end(new Error(`a connection was lost: ${reason}`)),
          refused: (_connection, reason) => end(new Error(`no connection: ${reason}`)),
        }),
      );
    }
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function rate(count: number, ms: number): string {
  return Math.round((count / ms) * 1_000).toLocaleString('en');
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
