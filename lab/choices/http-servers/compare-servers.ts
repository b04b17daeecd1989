/**
 * What serves HTTP: the same small answer from several servers, in turn, by the load generator over 64
 * connections. `bun lab/choices/http-servers/compare-servers.ts`; ratios are to Bun's own server.
 */
import { join } from 'node:path';
import { runProcess, startProcess } from '../../bench/child-process.ts';
import { findRuntime, findWorkFolder, repository } from '../../bench/environment.ts';
import type { LoadResult } from '../../load/run-load.ts';

const rounds = 5;
const secondsPerRun = 2;
const startMaxMs = 10_000;

const candidates = [
  { label: 'Bun.serve, its route table', runtime: 'bun', server: 'bun-serve' },
  { label: 'Bun.serve, Hono routes', runtime: 'bun', server: 'bun-serve-hono' },
  { label: 'node:http on Bun', runtime: 'bun', server: 'node-http' },
  { label: 'node:http on Node', runtime: 'node', server: 'node-http' },
  { label: 'web requests, rou3, on Node', runtime: 'node', server: 'node-web' },
  { label: 'web requests, Hono, on Node', runtime: 'node', server: 'node-hono' },
  { label: 'Express 5 on Node', runtime: 'node', server: 'express' },
] as const;

type Candidate = (typeof candidates)[number];

const folder = findWorkFolder(null);

async function measure({ runtime, server }: Candidate): Promise<number> {
  const program = findRuntime(runtime);
  const bun = findRuntime('bun');
  if (program === null || bun === null) return Number.NaN;
  const args = [join(repository, 'lab/choices/http-servers/server.ts'), server];
  const running = startProcess({ program, args, cwd: folder, env: {} });
  try {
    const options = {
      url: `http://127.0.0.1:${await portOf(running.outputTail)}`,
      scenarioName: 'orders',
      skus: ['tent-4p'],
      seconds: secondsPerRun,
    };
    const load = [join(repository, 'lab/load/load.ts'), '--json', JSON.stringify(options)];
    const output = await runProcess({ program: bun, args: load, cwd: folder, env: {} }, 60_000);
    return (JSON.parse(output) as LoadResult).requestsPerSecond;
  } finally {
    await running.stop();
  }
}

async function portOf(outputTail: () => string): Promise<string> {
  const deadline = performance.now() + startMaxMs;
  while (performance.now() < deadline) {
    const port = /listening on (\d+)/.exec(outputTail())?.[1];
    if (port !== undefined) return port;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the server did not start: ${outputTail()}`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const figures = new Map<Candidate, number[]>(candidates.map((candidate) => [candidate, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed()) {
    figures.get(candidate)?.push(await measure(candidate));
  }
}
const reference = figures.get(candidates[0]) ?? [];
for (const [{ label }, perRound] of figures) {
  const ratios = perRound.map((value, round) => value / (reference[round] ?? Number.NaN));
  process.stdout.write(
    `${label.padEnd(30)} ${String(median(perRound)).padStart(8)} requests/s   × ${median(ratios).toFixed(2)}\n`,
  );
}
