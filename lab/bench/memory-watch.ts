import { readFileSync } from 'node:fs';
import { slopeOf } from './statistics.ts';

export interface MemoryReport {
  /** Highest resident memory seen. */
  readonly maxMib: number;
  /** Growth over the second half of the watch, by least squares. */
  readonly slopeMibPerMinute: number;
  /** Resident memory over time, in seconds from the start of the watch. */
  readonly samples: readonly { readonly x: number; readonly y: number }[];
}

const intervalMs = 250;

/** Samples the resident memory of processes, their largest, until asked for the report; null where there is no /proc. */
export function watchMemory(pids: readonly number[]): () => MemoryReport | null {
  const startMs = performance.now();
  const samples: { x: number; y: number }[] = [];
  const sample = () => {
    const mib = pids.map(residentMib).reduce((most, one) => Math.max(most ?? 0, one ?? 0), null);
    if (mib !== null && mib > 0) samples.push({ x: (performance.now() - startMs) / 1_000, y: mib });
  };
  const timer = setInterval(sample, intervalMs);
  return () => {
    sample();
    clearInterval(timer);
    if (samples.length === 0) return null;
    const perSecond = slopeOf(samples.slice(Math.floor(samples.length / 2)));
    return {
      maxMib: Math.round(Math.max(...samples.map(({ y }) => y)) * 10) / 10,
      slopeMibPerMinute: Math.round(perSecond * 600) / 10,
      samples: samples.map(({ x, y }) => ({ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 })),
    };
  };
}

function residentMib(pid: number): number | null {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) / 1_024;
  } catch {
    return null;
  }
}
