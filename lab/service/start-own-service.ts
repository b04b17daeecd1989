/** See own-service.ts. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findFixedPort } from './fixed-port.ts';
import { isOpenToAll, type OwnDatabase, ownEngines } from './own-database.ts';
import type { OwnService, OwnServiceOptions, ServiceAbility } from './own-service.ts';
import { runVerify } from './run-verify.ts';
import { createServiceProcess, type ServiceProcess } from './service-process.ts';
import { mounting, mountSmallDisk, type SmallDisk } from './small-disk.ts';
import { type Guard, startGuard } from './start-guard.ts';

/** It is memory: as much as a minute of full load writes, and little enough to fill in a moment. */
const smallDiskMegabytes = 256;
const clockAheadSecondsMax = 100 * 365 * 86_400;

/** @throws one sentence; then nothing is left behind */
export async function startOwnService(options: OwnServiceOptions): Promise<OwnService> {
  const guard = await startGuard();
  const cleanUp = createCleanUp();
  cleanUp.later(() => guard.dismiss());
  try {
    return await build(options, guard, cleanUp);
  } catch (error) {
    await cleanUp.now();
    throw error;
  }
}

interface CleanUp {
  later(step: () => Promise<void> | void): void;
  /** Takes the steps, from the last to the first. */
  now(): Promise<void>;
}

function createCleanUp(): CleanUp {
  const steps: (() => Promise<void> | void)[] = [];
  return {
    later: (step) => steps.push(step),
    async now() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
    },
  };
}

async function build(options: OwnServiceOptions, guard: Guard, cleanUp: CleanUp): Promise<OwnService> {
  const { engine, runtime } = options;
  const folder = makeFolder(options, guard, cleanUp);
  const disk = options.isOnSmallDisk
    ? mountDisk(folder, guard, cleanUp)
    : 'Its database is not on a small disk that could be filled: start the lab with --small-disk';
  const dataFolder = typeof disk === 'string' ? null : disk.folder;
  const isDirect = options.isDatabaseDirect ?? false;
  const database: OwnDatabase = await ownEngines[engine].open({ folder, dataFolder, isDirect, guard });
  cleanUp.later(() => database.remove());

  const clockFile = join(folder, 'clock-ahead');
  writeFileSync(clockFile, new Uint8Array(8));
  const settings = {
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    DEMO_STOCK: String(options.stock),
    LOG_LEVEL: 'info',
    LOG_FILES_KEPT: '1',
  };
  const env = { PATH: process.env['PATH'] ?? '', CLOCK_AHEAD_FILE: clockFile, ...settings };
  const createProcess = async (name: string) => {
    const created = createServiceProcess({
      runtime,
      port: await findFixedPort(),
      folder,
      name,
      env,
      guard,
    });
    cleanUp.later(() => created.kill());
    return created;
  };
  const first = await createProcess('app');
  await first.start();
  return {
    engine,
    settings: { ...settings, PORT: new URL(first.url).port, RUNTIME: runtime },
    ...first,
    ...secondProcess(() => createProcess('second')),
    ...abilitiesOf(disk, database),
    setClockAhead: (seconds) => setClockAhead(clockFile, seconds),
    verify: () => runVerify(runtime, folder, { ...env, DATABASE_URL: database.directUrl }),
    remove: () => cleanUp.now(),
  };
}

function makeFolder({ engine, folder: within }: OwnServiceOptions, guard: Guard, cleanUp: CleanUp): string {
  // That user may not get into the folder that we were given.
  const isFit = !ownEngines[engine].mayBeAnotherUser || isOpenToAll(resolve(within));
  const parent = isFit ? within : tmpdir();
  const folder = mkdtempSync(join(resolve(parent), 'nozama-own-'));
  guard.holds(`folder ${folder}`);
  cleanUp.later(() => {
    rmSync(folder, { recursive: true, force: true });
    guard.dropped(`folder ${folder}`);
  });
  chmodSync(folder, 0o711);
  return folder;
}

/** @returns one sentence where no disk can be mounted */
function mountDisk(folder: string, guard: Guard, cleanUp: CleanUp): SmallDisk | string {
  const disk = mountOrRefuse(folder);
  if (typeof disk !== 'string') {
    guard.holds(`mount ${disk.folder}`);
    cleanUp.later(() => {
      disk.remove();
      guard.dropped(`mount ${disk.folder}`);
    });
  }
  return disk;
}

function secondProcess(
  create: () => Promise<ServiceProcess>,
): Pick<OwnService, 'startSecond' | 'stopSecond'> {
  let second: ServiceProcess | null = null;
  return {
    async startSecond() {
      second ??= await create();
      await second.start();
      return second.url;
    },
    stopSecond: async () => second?.stop(),
  };
}

type DiskAndDatabase = Pick<
  OwnService,
  | 'abilities'
  | 'fillDisk'
  | 'emptyDisk'
  | 'stopDatabase'
  | 'startDatabase'
  | 'cutDatabaseConnection'
  | 'mendDatabaseConnection'
>;

/** @param disk one sentence where there is none */
function abilitiesOf(disk: SmallDisk | string, { server, proxy }: OwnDatabase): DiskAndDatabase {
  const noServer = 'SQLite is a file in the service itself: there is no database server';
  const noProxy = server === null ? noServer : 'There is no proxy before its database that could cut it off';
  const abilities: Record<ServiceAbility, true | string> = {
    fillDisk: typeof disk === 'string' ? disk : true,
    stopDatabase: server === null ? noServer : true,
    cutDatabaseConnection: proxy === null ? noProxy : true,
    setClockAhead: true,
  };
  const able = <Thing extends object>(thing: Thing | null | string, ability: ServiceAbility): Thing => {
    if (thing === null || typeof thing === 'string') throw new Error(String(abilities[ability]));
    return thing;
  };
  return {
    abilities,
    fillDisk: () => able(disk, 'fillDisk').fill(),
    emptyDisk: () => able(disk, 'fillDisk').empty(),
    stopDatabase: () => able(server, 'stopDatabase').stop(),
    startDatabase: () => able(server, 'stopDatabase').start(),
    cutDatabaseConnection: () => able(proxy, 'cutDatabaseConnection').setReachable(false),
    mendDatabaseConnection: () => able(proxy, 'cutDatabaseConnection').setReachable(true),
  };
}

/** @throws RangeError */
function setClockAhead(clockFile: string, seconds: number): void {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > clockAheadSecondsMax) {
    throw new RangeError(`a clock can be ${clockAheadSecondsMax} seconds ahead at the most, not ${seconds}`);
  }
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, seconds);
  // Written over, not anew: its readers keep it open.
  writeFileSync(clockFile, bytes, { flag: 'r+' });
}

function mountOrRefuse(folder: string): SmallDisk | string {
  const how = mounting();
  if (how === 'allowed') return mountSmallDisk(smallDiskMegabytes, folder);
  return how === 'allowed in a namespace'
    ? 'only root may mount a small disk here: start the lab as root'
    : how.refusedBecause;
}
