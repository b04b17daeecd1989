/** One name, one statement, on one connection. */
import type { Statement } from './connection.ts';

/**
 * Throws before anything is sent. Left to itself, `pg` refuses a second text under a name it has prepared and
 * sends what comes behind, up to a COMMIT that stores half a batch.
 */
export function createNameCheck(): (statements: readonly Statement[]) => void {
  const textByName = new Map<string, string>();
  return (statements) => {
    for (const { name, text } of statements) {
      if (name === undefined) continue;
      const known = textByName.get(name);
      if (known === undefined) textByName.set(name, text);
      else if (known !== text) throw new Error(`two statements have the name ${name}`);
    }
  };
}
