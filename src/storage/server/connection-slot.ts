/**
 * Holds one connection: opened when it is needed, opened again after it was lost.
 *
 * After a failed attempt the next one waits, longer each time, so that a server which is just coming up is
 * not run over. A caller that asks meanwhile gets the last failure at once. All slots of a store wait together, and
 * the first that gets through ends the wait for all. Limits: one attempt at a time for each slot,
 * `retryMaxMs` between two.
 */
/** A connection as far as its sharing goes. */
export interface ServerConnection {
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface ConnectionSlot<Connection extends ServerConnection> {
  /** Whether it is worth asking: it is open, is being opened, or may be opened now. */
  isAvailable(): boolean;
  /** The open connection. @throws ConnectionFailedError, DatabaseRefusedError; at once while it is too early */
  connect(): Promise<Connection>;
  /** Waits for what is being opened and closes it. Later calls of connect throw. */
  close(): Promise<void>;
}

/** What the slots of one store know of their server: whether it is too early to try it again. */
export interface Outage {
  /** The last failure while it is too early to try again, else null. */
  current(): { readonly error: unknown } | null;
  failed(error: unknown): void;
  /** A connection was made. */
  ended(): void;
  /** Connections that were made so far. */
  madeCount(): number;
  /** Calls back whenever one has ended. */
  onEnded(listener: () => void): void;
}

export const retryMinMs = 50;
export const retryMaxMs = 2_000;

/** @param random from 0 to below 1 */
export function createOutage(nowMs: () => number, random: () => number): Outage {
  let failure: { readonly error: unknown; readonly retryAtMs: number } | null = null;
  let waitMs = retryMinMs;
  let made = 0;
  const listeners: (() => void)[] = [];
  return {
    current: () => (failure !== null && nowMs() < failure.retryAtMs ? failure : null),
    failed(error) {
      // Attempts that fail together are one failure.
      if (failure !== null && nowMs() < failure.retryAtMs) return;
      failure = { error, retryAtMs: nowMs() + waitMs * (0.5 + random() / 2) };
      waitMs = Math.min(waitMs * 2, retryMaxMs);
    },
    madeCount: () => made,
    ended() {
      made += 1;
      const wasOne = failure !== null;
      failure = null;
      waitMs = retryMinMs;
      if (wasOne) for (const listener of listeners) listener();
    },
    onEnded(listener) {
      listeners.push(listener);
    },
  };
}

export interface ConnectionSlotOptions<Connection extends ServerConnection> {
  readonly open: () => Promise<Connection>;
  readonly outage: Outage;
}

export function createConnectionSlot<Connection extends ServerConnection>({
  open,
  outage,
}: ConnectionSlotOptions<Connection>): ConnectionSlot<Connection> {
  let current: Connection | null = null;
  let opening: Promise<Connection> | null = null;
  let isClosed = false;

  /**
   * An attempt that began while the server was coming up may fail after another one got through: it tells nothing of the
   * server as it is now, so it is made once more.
   */
  async function openOnceUp(): Promise<Connection> {
    const before = outage.madeCount();
    try {
      return await open();
    } catch (error) {
      if (isClosed || outage.madeCount() === before) throw error;
      return open();
    }
  }

  async function openNow(): Promise<Connection> {
    try {
      const connection = await openOnceUp();
      if (isClosed) {
        await connection.close();
        throw new Error('the store is closed');
      }
      current = connection;
      outage.ended();
      return connection;
    } catch (error) {
      outage.failed(error);
      throw error;
    } finally {
      opening = null;
    }
  }

  return {
    isAvailable: () => current?.isOpen() === true || opening !== null || outage.current() === null,
    async connect() {
      if (isClosed) throw new Error('the store is closed');
      if (current?.isOpen() === true) return current;
      if (opening !== null) return opening;
      const failure = outage.current();
      if (failure !== null) throw failure.error;
      opening = openNow();
      return opening;
    },
    async close() {
      isClosed = true;
      await opening?.catch(() => undefined);
      await current?.close();
    },
  };
}
