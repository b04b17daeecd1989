/**
 * Connections that many reads share: PostgreSQL answers in the order it was asked, so that questions need not wait
 * for each other's answers.
 */
import type { ConnectionSlot } from '../server/connection-slot.ts';
import type { Answer, Connection, Statement } from './connection.ts';

export interface SharedPool {
  /** One statement on its own, beside those of others. */
  ask(statement: Statement): Promise<Answer>;
  /** For a caller that may not need to ask. @throws when it is closed */
  assertOpen(): void;
  close(): Promise<void>;
}

/** Statements that go along with each question, in the same round trip. */
export interface Surroundings {
  readonly before?: readonly Statement[];
  readonly after?: readonly Statement[];
}

/**
 * The connection with the fewest questions is next; one that would refuse at once has the fewest of all, so that
 * it must not be asked while another can be.
 */
export function createSharedPool(
  slots: readonly ConnectionSlot<Connection>[],
  { before = [], after = [] }: Surroundings = {},
): SharedPool {
  const shares = slots.map((slot) => ({ slot, asked: 0 }));
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new Error('the store is closed');
  }

  return {
    assertOpen,
    async ask(statement) {
      assertOpen();
      const available = shares.filter(({ slot }) => slot.isAvailable());
      const share = (available.length > 0 ? available : shares).reduce((least, one) =>
        one.asked < least.asked ? one : least,
      );
      share.asked += 1;
      try {
        const connection = await share.slot.connect();
        const answers = await connection.send([...before, statement, ...after]);
        const answer = answers[before.length];
        if (answer === undefined) throw new Error('a statement has no answer');
        return answer;
      } finally {
        share.asked -= 1;
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}
