/** From the environment, and a `.env` file in the working directory, to one frozen Config. */
import { type EngineSettings, engines } from '../storage/engines.ts';
import { bigQuerySettings } from './bigquery-settings.ts';
import { ConfigError } from './config-error.ts';
import { databaseSettings } from './database-settings.ts';
import type { EnvFile } from './env-file.ts';
import { httpSettings } from './http-settings.ts';
import { lakeSettings } from './lake-settings.ts';
import { logSettings } from './log-settings.ts';
import { orderSettings } from './order-settings.ts';
import { publicAddressSettings } from './public-address-settings.ts';
import { rateLimitSettings } from './rate-limit-settings.ts';
import type { Setting, Settings, ValuesOf } from './setting.ts';
import { tracingSettings } from './tracing-settings.ts';
import { misspelledInEnvironment, unknownInFile } from './unknown-names.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const serviceSettings = {
  ...httpSettings,
  ...publicAddressSettings,
  ...databaseSettings,
  ...orderSettings,
  ...rateLimitSettings,
  ...logSettings,
  ...tracingSettings,
  ...lakeSettings,
  ...bigQuerySettings,
};

export type Config = ValuesOf<typeof serviceSettings> & { readonly engineSettings: EngineSettings };

/**
 * The environment goes before the file. An empty value counts as not given, except where a setting says otherwise.
 * @param path of the file, for messages
 * @throws ConfigError naming every mistake
 */
export function parseConfig(environment: Environment, file: EnvFile = new Map(), path = '.env'): Config {
  const mistakes: string[] = [];
  const given = (setting: Setting) => givenText(setting, environment, file, path);
  const read = (settings: Settings) => readSettings(settings, given, mistakes);
  const config = {
    ...read(serviceSettings),
    engineSettings: Object.freeze(
      Object.fromEntries(engines.map(({ name, settingGroup }) => [name, read(settingGroup?.settings ?? {})])),
    ),
  };
  const isGiven = (setting: Setting) => given(setting) !== null;
  mistakes.push(...unknownInFile(file, path, isGiven), ...misspelledInEnvironment(environment, isGiven));
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return Object.freeze(config) as unknown as Config;
}

interface GivenText {
  readonly text: string;
  /** Such as `.env, line 3: `; empty for the environment. */
  readonly where: string;
}

function givenText(
  { name, whenEmpty }: Setting,
  environment: Environment,
  file: EnvFile,
  path: string,
): GivenText | null {
  const counts = (text: string | undefined): text is string =>
    text !== undefined && (text !== '' || whenEmpty !== undefined);
  const text = environment[name];
  if (counts(text)) return { text, where: '' };
  const entry = file.get(name);
  return counts(entry?.value) ? { text: entry.value, where: `${path}, line ${entry.line}: ` } : null;
}

/** @param mistakes gets a sentence for each setting that is not as its declaration expects */
function readSettings(
  settings: Settings,
  given: (setting: Setting) => GivenText | null,
  mistakes: string[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [property, setting] of Object.entries(settings)) {
    const { text, where } = given(setting) ?? { text: setting.default, where: '' };
    const result = text === null ? { success: true, data: null } : setting.schema.safeParse(text);
    const mistake = text === null ? null : mistakeIn(setting, text, result.success);
    if (mistake === null) values[property] = result.data;
    else mistakes.push(`${where}${setting.name} ${mistake}`);
  }
  return Object.freeze(values);
}

/** Completes "NAME …"; null for a text that is well. */
function mistakeIn(setting: Setting, text: string, isTaken: boolean): string | null {
  if (text === '' && setting.whenEmpty === 'is refused')
    return 'is empty. Is a secret or a variable missing where it is set? Give it a value, or remove it for the default.';
  if (hasControlCharacter(text)) return 'has a line break or another control character in it. Remove it.';
  if (text !== text.trim()) return 'begins or ends with a space. Remove it.';
  if (/^(["']).*\1$/.test(text))
    return 'has quotes around it, which are not removed from an environment. Remove them where it is set.';
  if (isTaken) return null;
  const explanation = setting.explain?.(text);
  if (explanation) return explanation;
  // An address may hold a password.
  const shown =
    setting.isSecret === true || text.includes('@') ? 'the value that was given' : JSON.stringify(text);
  return `must be ${setting.expected}, not ${shown}. Change it, or leave it out for the default.`;
}

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || character === '\x7f');
}
