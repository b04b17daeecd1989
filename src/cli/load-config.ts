import { type Config, type Environment, parseConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { type EnvFile, readEnvFile } from '../config/env-file.ts';
import { foreignNamesWarning, unknownInFile } from '../config/unknown-names.ts';

const path = '.env';

/** The configuration of this process, or exit code 2 with every mistake on standard error. */
export function loadConfig(): Config {
  return orExit(() => parseConfig(process.env, readEnvFile(path), path));
}

/** A sentence for the log about names in `.env` that belong to other programs; null without such names. */
export function envFileWarning(): string | null {
  return foreignNamesWarning(readEnvFile(path), path);
}

/** The environment before `.env`, for the names that are no settings of the service: credentials of object stores. */
export function loadEnvironment(): Environment {
  return orExit(() => {
    const file = readEnvFile(path);
    const isGiven = ({ name }: { readonly name: string }) => Boolean(process.env[name]) || file.has(name);
    const mistakes = unknownInFile(file, path, isGiven);
    if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
    return mergeEnvironment(process.env, file);
  });
}

/** An empty variable counts as not given: Compose passes on those that a shell does not have. */
function mergeEnvironment(environment: Environment, file: EnvFile): Environment {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const inFile = Array.from(file, ([name, { value }]) => [name, value] as const);
  return Object.fromEntries([...inFile, ...given]);
}

function orExit<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(
      `The configuration has mistakes:\n${error.message}\ndocs/CONFIGURATION.md explains each setting.\n`,
    );
    process.exit(2);
  }
}
