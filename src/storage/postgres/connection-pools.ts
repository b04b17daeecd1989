/** Two ways to share connections: one transaction at a time on each, or many reads at once on each. */
import type { Answer, Connection, Statement } from './connection.ts';
import type { ConnectionSlot, Outage } from './connection-slot.ts';

export interface ExclusivePool {
  /** Calls `use` with a connection that no other caller has meanwhile. When all are taken, callers wait in turn. */
  withConnection<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Resolves when all that was begun has ended. */
  close(): Promise<void>;
}

/** @param outage of these slots: when it ends, those who wait are looked at again */
export function createExclusivePool(
  slots: readonly ConnectionSlot[],
  outage?: Pick<Outage, 'onEnded'>,
): ExclusivePool {
  const free = [...slots];
  const waiting: ((slot: ConnectionSlot) => void)[] = [];
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  /** In the order in which they came. */
  function serve(): void {
    while (waiting.length > 0) {
      const next = takeFree(free, slots);
      if (next === undefined) return;
      waiting.shift()?.(next);
    }
  }

  // A slot that nobody waited for, because it would have refused, may be the one to take now.
  outage?.onEnded(serve);

  function take(): Promise<ConnectionSlot> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      serve();
    });
  }

  function giveBack(slot: ConnectionSlot): void {
    free.push(slot);
    serve();
  }

  async function run<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    const slot = await take();
    try {
      return await use(await slot.connect());
    } finally {
      giveBack(slot);
    }
  }

  return {
    async withConnection(use) {
      if (isClosed) throw new Error('the store is closed');
      const running = run(use);
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

/**
 * The one used last: its connection is open, its statements are prepared, its caches are warm. One that
 * would refuse at once is taken only when no other will come free: else it would draw everything to itself.
 */
function takeFree(free: ConnectionSlot[], slots: readonly ConnectionSlot[]): ConnectionSlot | undefined {
  const index = free.findLastIndex((slot) => slot.isAvailable());
  if (index !== -1) return free.splice(index, 1)[0];
  const isWorthWaiting = slots.some((slot) => !free.includes(slot) && slot.isAvailable());
  return isWorthWaiting ? undefined : free.pop();
}

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
 * Pipelined: a connection answers in the order it was asked, and the one with the fewest questions is next;
 * one that would refuse at once has the fewest of all, so that it must not be asked while another can be.
 */
export function createSharedPool(
  slots: readonly ConnectionSlot[],
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
