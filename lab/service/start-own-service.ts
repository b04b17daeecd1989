/** See own-service.ts. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findFixedPort } from './fixed-port.ts';
import { isOpenToAll, type OwnDatabase, openSqliteFile, startOwnPostgres } from './own-database.ts';
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
  // Undone from the last to the first.
  const undo: (() => Promise<void> | void)[] = [() => guard.dismiss()];
  const removeAll = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    return await build(options, guard, undo, removeAll);
  } catch (error) {
    await removeAll();
    throw error;
  }
}

async function build(
  { engine, isOnSmallDisk, isDatabaseDirect = false, runtime, stock, folder: within }: OwnServiceOptions,
  guard: Guard,
  undo: (() => Promise<void> | void)[],
  remove: () => Promise<void>,
): Promise<OwnService> {
  // PostgreSQL may run as a user who can't get into the folder that we were given.
  const parent = engine === 'sqlite' || isOpenToAll(resolve(within)) ? within : tmpdir();
  const folder = mkdtempSync(join(resolve(parent), 'nozama-own-'));
  guard.holds(`folder ${folder}`);
  undo.push(() => {
    rmSync(folder, { recursive: true, force: true });
    guard.dropped(`folder ${folder}`);
  });
  chmodSync(folder, 0o711);

  const disk = isOnSmallDisk
    ? mountOrRefuse(folder)
    : 'Its database is not on a small disk that could be filled: start the lab with --small-disk';
  if (typeof disk !== 'string') {
    guard.holds(`mount ${disk.folder}`);
    undo.push(() => {
      disk.remove();
      guard.dropped(`mount ${disk.folder}`);
    });
  }
  const dataFolder = typeof disk === 'string' ? null : disk.folder;
  const database: OwnDatabase =
    engine === 'sqlite'
      ? openSqliteFile(dataFolder ?? join(folder, 'data'))
      : await startOwnPostgres(folder, dataFolder, isDatabaseDirect, guard);
  undo.push(() => database.remove());

  const clockFile = join(folder, 'clock-ahead');
  writeFileSync(clockFile, new Uint8Array(8));
  const settings = {
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    DEMO_STOCK: String(stock),
    LOG_LEVEL: 'info',
    LOG_FILES_KEPT: '1',
  };
  const env = { PATH: process.env['PATH'] ?? '', CLOCK_AHEAD_FILE: clockFile, ...settings };
  const createProcess = async (name: string) =>
    createServiceProcess({ runtime, port: await findFixedPort(), folder, name, env, guard });

  const first = await createProcess('app');
  undo.push(() => first.kill());
  await first.start();
  let second: ServiceProcess | null = null;
  undo.push(() => second?.kill());

  function setClockAhead(seconds: number): void {
    if (!Number.isFinite(seconds) || Math.abs(seconds) > clockAheadSecondsMax) {
      throw new RangeError(
        `a clock can be ${clockAheadSecondsMax} seconds ahead at the most, not ${seconds}`,
      );
    }
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, seconds);
    // Written over, not anew: its readers keep it open.
    writeFileSync(clockFile, bytes, { flag: 'r+' });
  }

  const { server, proxy } = database;
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
    url: first.url,
    engine,
    settings: { ...settings, PORT: new URL(first.url).port, RUNTIME: runtime },
    abilities,
    isRunning: first.isRunning,
    pid: first.pid,
    start: first.start,
    stop: first.stop,
    kill: first.kill,
    freeze: first.freeze,
    thaw: first.thaw,
    setClockAhead,
    async startSecond() {
      second ??= await createProcess('second');
      await second.start();
      return second.url;
    },
    stopSecond: async () => second?.stop(),
    fillDisk: () => able(disk, 'fillDisk').fill(),
    emptyDisk: () => able(disk, 'fillDisk').empty(),
    stopDatabase: () => able(server, 'stopDatabase').stop(),
    startDatabase: () => able(server, 'stopDatabase').start(),
    cutDatabaseConnection: () => able(proxy, 'cutDatabaseConnection').setReachable(false),
    mendDatabaseConnection: () => able(proxy, 'cutDatabaseConnection').setReachable(true),
    verify: () => runVerify(runtime, folder, { ...env, DATABASE_URL: database.directUrl }),
    remove,
  };
}

function mountOrRefuse(folder: string): SmallDisk | string {
  const how = mounting();
  if (how === 'allowed') return mountSmallDisk(smallDiskMegabytes, folder);
  return how === 'allowed in a namespace'
    ? 'only root may mount a small disk here: start the lab as root'
    : how.refusedBecause;
}
