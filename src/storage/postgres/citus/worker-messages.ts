/** What workers say while rows are copied to them arrives from Citus as an internal error. */
import {
  deadlock,
  internalError,
  lockNotAvailable,
  type ServerMessage,
  uniqueViolation,
} from '../failures.ts';

/**
 * By the words we know the SQLSTATE again. A primary key's name is in the message in every language, with the number
 * of a shard.
 */
const saidByWorkers: readonly (readonly [RegExp, string])[] = [
  [/\b\w+_pkey_\d+\b/, uniqueViolation],
  [/^deadlock detected/, deadlock],
  [/due to lock timeout$/, lockNotAvailable],
];

/** The SQLSTATE that the worker meant. */
export function sqlStateOf({ code, message }: ServerMessage): string {
  if (code !== internalError) return code;
  return saidByWorkers.find(([words]) => words.test(message))?.[1] ?? code;
}
