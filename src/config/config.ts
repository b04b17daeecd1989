/** From the environment, and a `.env` file in the working directory, to one frozen Config. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type EngineSettings, engines } from '../storage/engines.ts';
import { databaseSettings } from './database-settings.ts';
import { httpSettings } from './http-settings.ts';
import { logSettings } from './log-settings.ts';
import { orderSettings } from './order-settings.ts';
import { publicAddressSettings } from './public-address-settings.ts';
import type { Setting, Settings, ValuesOf } from './setting.ts';
import { tracingSettings } from './tracing-settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The mistakes of a configuration: a line for each, ready to print. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const serviceSettings = {
  ...httpSettings,
  ...publicAddressSettings,
  ...databaseSettings,
  ...orderSettings,
  ...logSettings,
  ...tracingSettings,
};

export type Config = ValuesOf<typeof serviceSettings> & { readonly engineSettings: EngineSettings };

/** What a `.env` file says; nothing when there is none. */
export function readEnvFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `${path} can't be read (${reason}): make it a file that this user may read, or move it away.`,
      { cause: error },
    );
  }
}

/**
 * The environment goes before the file. An empty value counts as not given, except where a setting says that
 * it is a value. @throws ConfigError naming every mistake
 */
export function parseConfig(environment: Environment, envFile: Environment = {}): Config {
  const mistakes: string[] = [];
  const given = (setting: Setting) => {
    const text = environment[setting.name] ?? envFile[setting.name];
    return text === '' && setting.allowsEmpty !== true ? undefined : text;
  };
  const read = (settings: Settings) => readSettings(settings, given, mistakes);
  const config = {
    ...read(serviceSettings),
    engineSettings: Object.freeze(
      Object.fromEntries(engines.map(({ name, settingGroup }) => [name, read(settingGroup?.settings ?? {})])),
    ),
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return Object.freeze(config) as unknown as Config;
}

/** @param mistakes gets a sentence for each setting that is not as its declaration expects */
function readSettings(
  settings: Settings,
  given: (setting: Setting) => string | undefined,
  mistakes: string[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [property, setting] of Object.entries(settings)) {
    const text = given(setting) ?? setting.default;
    const result = text === null ? { success: true, data: null } : setting.schema.safeParse(text);
    if (result.success) values[property] = result.data;
    else mistakes.push(mistakeOf(setting, text ?? ''));
  }
  return Object.freeze(values);
}

/** An address may hold a password, so that no text with an @ in it is repeated. */
function mistakeOf({ name, expected, isSecret }: Setting, text: string): string {
  const shown = isSecret === true || text.includes('@') ? 'the value that was given' : JSON.stringify(text);
  return `${name} must be ${expected}, not ${shown}. Change it, or leave it out for the default.`;
}
