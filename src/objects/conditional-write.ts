/** What stores answer to a write that must not replace an object. */
import { errorCode } from './answer-fields.ts';
import type { CreateOutcome } from './object-store.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { isTransient, type StoreAnswer } from './requests.ts';
import { refusalOf, type StoreWords } from './store-client.ts';

/**
 * @param answer null when none came
 * @param exists whether an answer says that the object is there; 412 always does, and 304 (RFC 9110 has it for reads, and some
 *   stores for writes)
 * @throws ObjectStoreError when the store refuses the write, and so has created nothing
 */
export function createOutcomeOf(
  answer: StoreAnswer | null,
  words: StoreWords,
  exists: (answer: StoreAnswer) => boolean = () => false,
): CreateOutcome {
  if (answer === null) return 'unknown';
  if (answer.status < 300) return 'created';
  if (answer.status === 412 || answer.status === 304 || exists(answer)) return 'exists';
  if (answer.status === 501 || errorCode(answer) === 'NotImplemented') {
    throw new ObjectStoreError(
      `${words.description} can't create an object only if it is absent (${answer.status}): two writers would overwrite each other. Use a store with conditional writes.`,
    );
  }
  if (isTransient(answer)) return 'unknown';
  throw refusalOf(answer, words);
}
