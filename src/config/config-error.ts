/** The mistakes of a configuration: a line for each, ready to print. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
