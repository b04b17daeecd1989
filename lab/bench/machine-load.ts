/**
 * The use of the processors during a run: figures of a machine that others kept busy are worth little, and
 * only this figure shows it.
 */
import { readFileSync } from 'node:fs';

export interface MachineLoad {
  /** Cores used by the service, all its threads. */
  readonly serviceCores: number;
  /** Cores used by a database server, all its processes; 0 when there is none. */
  readonly databaseCores: number;
  /** Cores used by anything that is neither the service, its database, the generator nor the benchmark, the kernel's own work included. */
  readonly otherCores: number;
  /** Cores that the host took away from this virtual machine. */
  readonly stolenCores: number;
}

/** /proc counts in ticks of 1/100 s, whatever the kernel's own. */
const ticksPerSecond = 100;

/**
 * Watches until asked; null where there is no /proc.
 * @param generatorCpuSeconds processor time of the generator from its start to its end
 */
export function watchMachine(
  servicePids: readonly number[],
  databasePid: number | null,
): (generatorCpuSeconds: number) => MachineLoad | null {
  const serviceSeconds = () => servicePids.reduce((sum, pid) => sum + (processSeconds(pid) ?? Number.NaN), 0);
  const databaseSeconds = () => (databasePid === null ? 0 : familySeconds(databasePid));
  const startMs = performance.now();
  const machineBefore = machineSeconds();
  const serviceBefore = serviceSeconds();
  const databaseBefore = databaseSeconds();
  const ownBefore = ownSeconds();
  return (generatorCpuSeconds) => {
    const machineAfter = machineSeconds();
    const serviceAfter = serviceSeconds();
    if (machineBefore === null || machineAfter === null || Number.isNaN(serviceBefore + serviceAfter))
      return null;
    const seconds = (performance.now() - startMs) / 1_000;
    const service = serviceAfter - serviceBefore;
    const database = databaseSeconds() - databaseBefore;
    const busy = machineAfter.busy - machineBefore.busy;
    const other = Math.max(0, busy - service - database - generatorCpuSeconds - (ownSeconds() - ownBefore));
    const cores = (used: number) => Math.round((used / seconds) * 100) / 100;
    return {
      serviceCores: cores(service),
      databaseCores: cores(database),
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

/**
 * Processor time of all threads since the start; null where there is no /proc, or no such process.
 * proc(5): the 14th and 15th field of stat, counted after the name, which may hold anything.
 */
export function processSeconds(pid: number): number | null {
  const fields = statFields(pid);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : null;
}

function statFields(pid: number): readonly string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process, its children, and those that have ended: each connection to PostgreSQL is a process. */
export function familySeconds(pid: number): number {
  const ticks = statFields(pid)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return ticks / ticksPerSecond + children.reduce((sum, child) => sum + (processSeconds(child) ?? 0), 0);
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
