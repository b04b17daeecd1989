/**
 * Who used the processors during a run: figures of a machine that others kept busy are worth little, and
 * without this nobody could tell.
 */
import { readFileSync } from 'node:fs';

export interface MachineLoad {
  /** Cores used by the service, all its threads. */
  readonly serviceCores: number;
  /** Cores used by anything that is neither the service, the generator nor the benchmark, the kernel's own work included. */
  readonly otherCores: number;
  /** Cores that the host took away from this virtual machine. */
  readonly stolenCores: number;
}

/** /proc counts in ticks of 1/100 s, whatever the kernel's own. */
const ticksPerSecond = 100;

/**
 * Watches until asked; null where there is no /proc.
 * @param generatorCpuSeconds what the generator used from its start to its end
 */
export function watchMachine(servicePid: number): (generatorCpuSeconds: number) => MachineLoad | null {
  const startMs = performance.now();
  const machineBefore = machineSeconds();
  const serviceBefore = processSeconds(servicePid);
  const ownBefore = ownSeconds();
  return (generatorCpuSeconds) => {
    const machineAfter = machineSeconds();
    const serviceAfter = processSeconds(servicePid);
    if (machineBefore === null || machineAfter === null || serviceBefore === null || serviceAfter === null)
      return null;
    const seconds = (performance.now() - startMs) / 1_000;
    const service = serviceAfter - serviceBefore;
    const busy = machineAfter.busy - machineBefore.busy;
    const other = Math.max(0, busy - service - generatorCpuSeconds - (ownSeconds() - ownBefore));
    const cores = (used: number) => Math.round((used / seconds) * 100) / 100;
    return {
      serviceCores: cores(service),
      otherCores: cores(other),
      stolenCores: cores(machineAfter.stolen - machineBefore.stolen),
    };
  };
}

/** proc(5): user, nice, system, idle, iowait, irq, softirq, steal. */
function machineSeconds(): { busy: number; stolen: number } | null {
  const line = /^cpu +(.*)$/m.exec(read('/proc/stat'))?.[1];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return { busy: (user + nice + system + irq + softirq) / ticksPerSecond, stolen: steal / ticksPerSecond };
}

/** proc(5): the 14th and 15th field of stat, counted after the name, which may hold anything. */
function processSeconds(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : null;
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
