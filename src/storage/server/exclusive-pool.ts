/** Connections that are lent to one caller at a time, for one transaction each. */
import type { ConnectionSlot, Outage, ServerConnection } from './connection-slot.ts';

export interface ExclusivePool<Connection extends ServerConnection> {
  /** Calls `use` with a connection that no other caller has meanwhile. When all are taken, callers wait in turn. */
  withConnection<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Resolves when all that was begun has ended. */
  close(): Promise<void>;
}

/** @param outage of these slots: when it ends, those who wait are looked at again */
export function createExclusivePool<Connection extends ServerConnection>(
  slots: readonly ConnectionSlot<Connection>[],
  outage?: Pick<Outage, 'onEnded'>,
): ExclusivePool<Connection> {
  const free = [...slots];
  const waiting: ((slot: ConnectionSlot<Connection>) => void)[] = [];
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

  // A slot without a queue, because it would have refused, may be the one to take now.
  outage?.onEnded(serve);

  function take(): Promise<ConnectionSlot<Connection>> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      serve();
    });
  }

  function giveBack(slot: ConnectionSlot<Connection>): void {
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
function takeFree<Slot extends Pick<ConnectionSlot<never>, 'isAvailable'>>(
  free: Slot[],
  slots: readonly Slot[],
): Slot | undefined {
  const index = free.findLastIndex((slot) => slot.isAvailable());
  if (index !== -1) return free.splice(index, 1)[0];
  const isWorthWaiting = slots.some((slot) => !free.includes(slot) && slot.isAvailable());
  return isWorthWaiting ? undefined : free.pop();
}
