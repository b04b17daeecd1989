import { type Config, ConfigError, type Environment, parseConfig, readEnvFile } from '../config/config.ts';

/** The configuration of this process, or exit code 2 with every mistake on standard error. */
export function loadConfig(): Config {
  try {
    return parseConfig(process.env, readEnvFile('.env'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(
      `The configuration has mistakes:\n${error.message}\ndocs/CONFIGURATION.md explains each setting.\n`,
    );
    process.exit(2);
  }
}

/** The environment before `.env`, for what is no setting of the service: credentials of object stores. */
export function loadEnvironment(): Environment {
  try {
    return { ...readEnvFile('.env'), ...process.env };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
