/** The engines of this program, found by the scheme of a DATABASE_URL. A new engine is one more here. */
import type { Settings, ValuesOf } from '../config/setting.ts';
import { defaultsOf } from '../config/setting.ts';
import type { Capability, Database, Engine } from './engine.ts';
import { postgresEngine } from './postgres/postgres-engine.ts';
import { sqliteEngine } from './sqlite/sqlite-engine.ts';

export const engines: readonly Engine[] = [sqliteEngine, postgresEngine];

/** The values of the settings that each engine declares, by the engine's name. */
export type EngineSettings = Readonly<Record<string, ValuesOf<Settings>>>;

/** @returns a sentence that completes "DATABASE_URL …" and never repeats the address; null for an engine's address */
export function databaseUrlMistake(databaseUrl: string): string | null {
  const [engine, location] = split(databaseUrl);
  if (engine === undefined) return `must be a database such as ${exampleUrls(engines).join(' or ')}.`;
  return engine.locationMistake(location);
}

/** By the scheme alone; null when no engine has it. */
export function engineOf(databaseUrl: string): Engine | null {
  return split(databaseUrl)[0] ?? null;
}

/**
 * Opens nothing yet.
 * @param settings without them, those of a shop where nothing is set
 * @throws RangeError for an address that {@link databaseUrlMistake} finds a mistake in
 */
export function databaseAt(databaseUrl: string, settings: EngineSettings = {}): Database {
  const [engine, location] = split(databaseUrl);
  const mistake = databaseUrlMistake(databaseUrl);
  if (engine === undefined || mistake !== null) throw new RangeError(`DATABASE_URL ${mistake}`);
  const declared = engine.settingGroup?.settings ?? {};
  return engine.database(location, settings[engine.name] ?? defaultsOf(declared));
}

export function enginesThatCan(capability: Capability): readonly Engine[] {
  return engines.filter(({ lacks }) => lacks[capability] === undefined);
}

export function exampleUrls(of: readonly Engine[]): readonly string[] {
  return of.map(({ exampleUrl }) => exampleUrl);
}

/** The engine of the scheme, and what comes after its colon. */
function split(databaseUrl: string): readonly [Engine | undefined, string] {
  const colon = databaseUrl.indexOf(':');
  const scheme = databaseUrl.slice(0, Math.max(colon, 0));
  return [engines.find(({ schemes }) => schemes.includes(scheme)), databaseUrl.slice(colon + 1)];
}
