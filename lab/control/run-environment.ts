import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { RunEnvironment } from './live.ts';

const gibibyte = 2 ** 30;

/** Of this process and its machine. */
export function readEnvironment(): RunEnvironment {
  const bun = process.versions['bun'];
  return {
    runtime: bun === undefined ? `Node ${process.versions.node}` : `Bun ${bun}`,
    system: `${type()} ${release()}, ${arch()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Number((totalmem() / gibibyte).toFixed(1)),
    service: null,
  };
}
