/** The shape of each command of `nozama`, and the reading of its arguments. */
import { parseArgs } from 'node:util';

export interface Command {
  /** The text of `nozama <command> --help`: what the command does, its arguments, its exit codes. */
  readonly usage: string;
  /** Every option but `--help`. A secret is never an option: other users of the machine can read arguments. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Names of the other arguments, in their order; each may be left out. */
  readonly positionals: readonly string[];
  /** @returns the exit code, or undefined for a command that ends the process itself */
  run(given: CommandArguments): Promise<number | undefined>;
}

export interface CommandOption {
  readonly type: 'string' | 'boolean';
}

export interface CommandArguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** Wrong arguments, in one sentence: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * A message never repeats a value: an address among them may hold a password.
 * @returns null when the arguments ask for help
 * @throws UsageError
 */
export function readArguments(
  name: string,
  { options, positionals }: Pick<Command, 'options' | 'positionals'>,
  args: readonly string[],
): CommandArguments | null {
  const known = { ...options, help: { type: 'boolean', short: 'h' } } as const;
  // `-2` is a number and no option: it would be taken for one, and `-12` for two.
  const shielded = args.map((arg) => (negativeNumber.test(arg) ? `${shield}${arg}` : arg));
  const { values, tokens } = parseArgs({ args: shielded, options: known, strict: false, tokens: true });
  if (values['help'] === true) return null;
  const found: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') found.push(token.value.replace(shield, ''));
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw new UsageError(`nozama ${name} has no option ${token.rawName}.`);
    if (option.type === 'string' && !token.value)
      throw new UsageError(`nozama ${name} needs ${token.rawName} with a value.`);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} of nozama ${name} takes no value.`);
  }
  if (found.length > positionals.length)
    throw new UsageError(`nozama ${name} ${takes(options, positionals)}.`);
  return { values: values as CommandArguments['values'], positionals: found };
}

const negativeNumber = /^-\d+$/;

/** Before a number while the arguments are told apart; no argument of a program can hold it. */
const shield = '\0';

function takes(options: Command['options'], positionals: readonly string[]): string {
  const all = [...positionals, ...Object.keys(options).map((option) => `--${option}`)];
  if (all.length === 0) return 'takes no arguments';
  return `takes ${all.join(' and ')} and nothing else`;
}
