import { type Config, ConfigError, parseConfig, readEnvFile } from '../config.ts';

/** The configuration of this process, or exit code 2 with every mistake on standard error. */
export function loadConfig(): Config {
  try {
    return parseConfig(process.env, readEnvFile('.env'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`The configuration has mistakes:\n${error.message}\nSee .env.example.\n`);
    process.exit(2);
  }
}
