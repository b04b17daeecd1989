/**
 * autocannon (https://github.com/mcollina/autocannon), a known load generator in JavaScript, that the generator is
 * held against where somebody has it.
 *
 * Its limits: latencies are whole milliseconds, rounded down, and a core that it shares with the server makes it late.
 */
import { z } from 'zod';
import { runProcess } from '../bench/child-process.ts';

export interface AutocannonFigures {
  /** Requests answered by the time the run took. */
  readonly requestsPerSecond: number;
  /** Whole milliseconds, rounded down, as all three. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

const warmupSeconds = 1;
const graceMs = 20_000;

/** A script of `AUTOCANNON=path`, or the program of the PATH; both are executable. */
const program = process.env['AUTOCANNON'] || 'autocannon';

/** Its version, or null when it is not on the PATH. @throws when `AUTOCANNON` names what is not autocannon */
export async function autocannonVersion(): Promise<string | null> {
  try {
    const output = await runProcess({ program, args: ['--version'], cwd: '.', env: {} }, graceMs);
    const [, version] = /^autocannon v(\S+)$/m.exec(output) ?? [];
    if (version === undefined) throw new Error(`it answers ${output.slice(0, 100)}`);
    return `autocannon ${version}`;
  } catch (error) {
    if (!process.env['AUTOCANNON']) return null;
    throw new Error(`AUTOCANNON=${program} is not autocannon's script: ${(error as Error).message}`);
  }
}

/** Warms up for a second first, on connections that it then closes. `connections`: 1 or more; `seconds`: whole. */
export async function runAutocannon(
  url: string,
  connections: number,
  seconds: number,
): Promise<AutocannonFigures> {
  const warmup = ['--warmup', '[', '-c', `${connections}`, '-d', `${warmupSeconds}`, ']'];
  const args = ['-j', '-n', '-c', `${connections}`, '-d', `${seconds}`, ...warmup, url];
  const command = { program, args, cwd: '.', env: {} };
  return readAutocannon(await runProcess(command, (warmupSeconds + seconds) * 1_000 + graceMs));
}

const count = z.number().int().nonnegative();
const latencyMs = z.number().nonnegative();
/** What is read of its report; of errors it keeps one count for each kind. */
const reportSchema = z.object({
  duration: z.number().positive(),
  '2xx': count.positive(),
  non2xx: count,
  errors: count,
  timeouts: count,
  resets: count,
  latency: z.object({ p50: latencyMs, p90: latencyMs, p99: latencyMs }),
});

/**
 * Reads what `autocannon -j` prints: a report on a line of its own for the warm-up, where there was one, and then that
 * of the run.
 *
 * @throws when it is no such report, or something went wrong in its run
 */
export function readAutocannon(output: string): AutocannonFigures {
  const { duration, latency, ...counts } = parseReport(output.trim().split('\n').at(-1) ?? '');
  for (const wrong of ['non2xx', 'errors', 'timeouts', 'resets'] as const) {
    if (counts[wrong] > 0) throw new Error(`autocannon: ${counts[wrong]} ${wrong}`);
  }
  return {
    // Its own mean is that of samples, of which each is a bit longer than the second that it is taken for.
    requestsPerSecond: counts['2xx'] / duration,
    p50Ms: latency.p50,
    p90Ms: latency.p90,
    p99Ms: latency.p99,
  };
}

function parseReport(line: string): z.output<typeof reportSchema> {
  try {
    return reportSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`this is no report of autocannon: ${line.slice(0, 500)}`, { cause: error });
  }
}
