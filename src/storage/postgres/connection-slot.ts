/**
 * A place for one connection that is opened when it is needed and opened again after it was lost.
 *
 * After a failed attempt the next one waits, longer each time, so that a server which is just coming up is
 * not run over; who asks meanwhile is told at once what was wrong the last time. Limits: one attempt at a
 * time, `retryMaxMs` between two.
 */
import type { Connection } from './connection.ts';

export interface ConnectionSlot {
  /** The open connection. @throws ConnectionFailedError, DatabaseRefusedError; at once while it is too early */
  connect(): Promise<Connection>;
  /** Waits for what is being opened and closes it. Later calls of connect throw. */
  close(): Promise<void>;
}

export interface ConnectionSlotOptions {
  readonly open: () => Promise<Connection>;
  readonly nowMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export const retryMinMs = 50;
export const retryMaxMs = 2_000;

export function createConnectionSlot({ open, nowMs, random }: ConnectionSlotOptions): ConnectionSlot {
  let current: Connection | null = null;
  let opening: Promise<Connection> | null = null;
  let failure: { readonly error: unknown; readonly retryAtMs: number } | null = null;
  let waitMs = retryMinMs;
  let isClosed = false;

  async function openNow(): Promise<Connection> {
    try {
      const connection = await open();
      if (isClosed) {
        await connection.close();
        throw new Error('the store is closed');
      }
      current = connection;
      failure = null;
      waitMs = retryMinMs;
      return connection;
    } catch (error) {
      failure = { error, retryAtMs: nowMs() + waitMs * (0.5 + random() / 2) };
      waitMs = Math.min(waitMs * 2, retryMaxMs);
      throw error;
    } finally {
      opening = null;
    }
  }

  return {
    async connect() {
      if (isClosed) throw new Error('the store is closed');
      if (current?.isOpen() === true) return current;
      if (opening !== null) return opening;
      if (failure !== null && nowMs() < failure.retryAtMs) throw failure.error;
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
