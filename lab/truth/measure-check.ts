/**
 * Places orders on a service of its own for a while, and prints what checking them takes.
 *
 *     bun lab/truth/measure-check.ts --scenario hot-product --seconds 60
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunPlan } from '../control/run-plan.ts';
import { startFleet } from '../load/start-fleet.ts';
import { startOwnService } from '../service/start-own-service.ts';
import { checkTruth, readStock } from './check-truth.ts';

const checkMsMax = 3_600_000;
const stock = 1_000_000_000;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'hot-product' },
    seconds: { type: 'string', default: '10' },
    users: { type: 'string', default: '64' },
    engine: { type: 'string', default: 'sqlite' },
  },
});
const plan: RunPlan = {
  scenario: values.scenario,
  host: null,
  hostIsMine: false,
  pace: { kind: 'users', users: Number(values.users), spawnPerSecond: 20_000 },
  seconds: Number(values.seconds),
  warmupSeconds: 0,
  connections: 'keep-alive',
  workers: 1,
  seed: 1,
  timeoutMs: 10_000,
  objective: { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null },
};

const say = (line: string) => process.stdout.write(`${line}\n`);
const rate = (count: number, ms: number) => Math.round((count / ms) * 1_000).toLocaleString('en');
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const ledgerFolder = mkdtempSync(join(tmpdir(), 'nozama-ledger-'));
const service = await startOwnService({
  engine: values.engine === 'postgres' ? 'postgres' : 'sqlite',
  isOnSmallDisk: false,
  runtime: 'bun',
  stock,
  folder: ledgerFolder,
});
try {
  const stockBefore = await readStock(service.url);
  const fleet = await startFleet({ plan, url: service.url, ledgerFolder, onSample: () => {} });
  const { ordersPlaced, ordersUnknown, seconds } = await fleet.ended;
  say(
    `placed   ${ordersPlaced.toLocaleString('en')} orders, ${rate(ordersPlaced, seconds * 1_000)} orders/s, ${ordersUnknown} without an answer`,
  );
  const memoryBefore = process.memoryUsage.rss();
  let memoryMost = memoryBefore;
  const watch = setInterval(() => {
    memoryMost = Math.max(memoryMost, process.memoryUsage.rss());
  }, 100);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const verdict = await checkTruth({
    url: service.url,
    ledgerFolder,
    stockBefore,
    onProgress: () => {},
    checkMsMax,
  });
  const ms = performance.now() - startMs;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cores = ((user + system) / 1_000 / ms).toFixed(2);
  say(
    `checked  ${verdict.checked.toLocaleString('en')} orders in ${(ms / 1_000).toFixed(1)} s, ${rate(verdict.checked, ms)} orders/s, ${cores} cores`,
  );
  say(`memory   ${megabytes(memoryBefore)} before, ${megabytes(memoryMost)} at the most`);
  say(`verdict  ${verdict.kind}: ${verdict.sentence}`);
  process.exitCode = verdict.kind === 'kept' ? 0 : 1;
} finally {
  await service.remove();
  rmSync(ledgerFolder, { recursive: true, force: true });
}
