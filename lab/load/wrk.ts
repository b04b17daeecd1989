/** wrk (https://github.com/wg/wrk), the tool that the generator is compared with. */
import { runProcess, tryProcess } from '../bench/child-process.ts';

export interface WrkFigures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

const graceMs = 20_000;

/** Its version, or null when it is not installed. */
export async function wrkVersion(): Promise<string | null> {
  try {
    // It prints its version and then ends with 1, because it was given no URL.
    const { output, errors } = await tryProcess({ program: 'wrk', args: ['-v'], cwd: '.', env: {} }, graceMs);
    return /^wrk \S+/m.exec(output + errors)?.[0] ?? null;
  } catch {
    return null;
  }
}

export async function runWrk(url: string, connections: number, seconds: number): Promise<WrkFigures> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url];
  return readWrk(await runProcess({ program: 'wrk', args, cwd: '.', env: {} }, seconds * 1_000 + graceMs));
}

/** @throws when the text is not that of wrk, or wrk reports an error */
export function readWrk(output: string): WrkFigures {
  const wrong = /^\s*(Socket errors|Non-2xx).*$/m.exec(output);
  if (wrong !== null) throw new Error(`wrk: ${wrong[0].trim()}`);
  const rate = /^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1];
  if (rate === undefined) throw new Error(`this is no report of wrk: ${output.slice(0, 500)}`);
  return {
    requestsPerSecond: Number(rate),
    p50Ms: readMs(output, 50),
    p90Ms: readMs(output, 90),
    p99Ms: readMs(output, 99),
  };
}

const msByUnit: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function readMs(output: string, percentile: number): number {
  const found = new RegExp(`^\\s*${percentile}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output);
  const ms = Number(found?.[1]) * (msByUnit[found?.[2] ?? ''] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Error(`wrk told no ${percentile} % percentile`);
  return ms;
}
