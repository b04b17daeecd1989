/**
 * Connections that many reads share: PostgreSQL answers in the order it was asked, so that questions need not wait
 * for each other's answers.
 */
import { ConnectionFailedError } from '../server/connection-errors.ts';
import type { ConnectionSlot } from '../server/connection-slot.ts';
import type { Answer, Connection, Statement } from './connection.ts';

export interface SharedPool {
  /**
   * One statement that reads, on its own, beside those of others. When its connection can't be made, another one is
   * asked, if there is one: the first connection that is there again ends an outage for all reads, also for those that
   * wait for an attempt which began before.
   */
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

interface Share {
  readonly slot: ConnectionSlot<Connection>;
  asked: number;
}

const leastAsked = (shares: readonly Share[]) =>
  shares.reduce((least, one) => (one.asked < least.asked ? one : least));

/**
 * The connection with the fewest questions is next; one that would refuse at once has the fewest of all, so that
 * it must not be asked while another can be.
 */
export function createSharedPool(
  slots: readonly ConnectionSlot<Connection>[],
  { before = [], after = [] }: Surroundings = {},
): SharedPool {
  const shares: readonly Share[] = slots.map((slot) => ({ slot, asked: 0 }));
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new Error('the store is closed');
  }

  async function askOne(share: Share, statement: Statement): Promise<Answer> {
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
  }

  return {
    assertOpen,
    async ask(statement) {
      assertOpen();
      let left: readonly Share[] = shares;
      for (;;) {
        const available = left.filter(({ slot }) => slot.isAvailable());
        const share = leastAsked(available.length > 0 ? available : left);
        try {
          return await askOne(share, statement);
        } catch (error) {
          left = left.filter((other) => other !== share && other.slot.isAvailable());
          if (left.length === 0 || !(error instanceof ConnectionFailedError)) throw error;
        }
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}
