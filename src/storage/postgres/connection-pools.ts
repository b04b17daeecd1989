/** Two ways to share connections: one transaction at a time on each, or many reads at once on each. */
import type { Answer, Connection, Statement } from './connection.ts';
import type { ConnectionSlot } from './connection-slot.ts';

export interface ExclusivePool {
  /** Calls `use` with a connection nobody else has meanwhile; who comes when all are taken waits in turn. */
  withConnection<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Resolves when all that was begun has ended. */
  close(): Promise<void>;
}

export function createExclusivePool(slots: readonly ConnectionSlot[]): ExclusivePool {
  const free = [...slots];
  const waiting: ((slot: ConnectionSlot) => void)[] = [];
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  function take(): Promise<ConnectionSlot> {
    // The one used last: its connection is open, its statements are prepared, its caches are warm.
    const slot = free.pop();
    return slot === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(slot);
  }

  function giveBack(slot: ConnectionSlot): void {
    const next = waiting.shift();
    if (next === undefined) free.push(slot);
    else next(slot);
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

export interface SharedPool {
  /** One statement on its own, beside those of others. */
  ask(statement: Statement): Promise<Answer>;
  /** For who can answer without asking. @throws when it is closed */
  assertOpen(): void;
  close(): Promise<void>;
}

/** Pipelined: a connection answers in the order it was asked, and the one with the fewest questions is next. */
export function createSharedPool(slots: readonly ConnectionSlot[]): SharedPool {
  const shares = slots.map((slot) => ({ slot, asked: 0 }));
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new Error('the store is closed');
  }

  return {
    assertOpen,
    async ask(statement) {
      assertOpen();
      const share = shares.reduce((least, one) => (one.asked < least.asked ? one : least));
      share.asked += 1;
      try {
        const connection = await share.slot.connect();
        const [answer] = await connection.send([statement]);
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
