/**
 * Where the rows of a shop lie: on the server that we connect to, or spread over several by an extension of it.
 * Everything that differs between the two is asked of this object, which each connection has. An extension is one
 * folder beside this file, which no other file knows.
 */
import type { Outcome } from '../../domain/outcome.ts';
import { citus } from './citus/citus.ts';
import type { Connection, Statement } from './connection.ts';
import type { ServerMessage } from './failures.ts';
import type { PostgresSettings } from './postgres-settings.ts';

export interface Distribution {
  /** Sent once on each connection that we open. */
  readonly sessionSettings: readonly Statement[];
  /** Completes "PostgreSQL at HOST:PORT …" when a pooler in transaction mode can't stand before it; else null. */
  readonly poolerMistake: string | null;
  /** The SQLSTATE that a message of the server means. */
  sqlStateOf(message: ServerMessage): string;
  /**
   * What may make one of the other servers forget a commit, such as `worker-1:5432 runs with fsync=off`.
   * @throws DatabaseRefusedError when that is not allowed, or one does not answer
   */
  readUnsafeServers(connection: Connection, settings: PostgresSettings): Promise<readonly string[]>;
  /**
   * Before an order is refused: that no earlier commit is still hidden, with the last unit.
   * @throws StatementFailedError worth another try
   */
  assertRefusalsAreTrue(connection: Connection, outcomes: readonly Outcome[]): Promise<void>;
  /** Whether the lines of orders are elsewhere than the stock, so that no one statement can look into both. */
  readonly keepsLinesApart: boolean;
  /** The statements that write a batch, as they are sent. */
  toWrites(statements: readonly Statement[]): readonly Statement[];
  /** Around the BEGIN of a transaction that reads everything as it was at one moment. */
  readonly oneMoment: { readonly before: readonly Statement[]; readonly after: readonly Statement[] };
  /**
   * For a reader of the order log: up to where the rows of all entries can be read. Null where they are seen together with
   * their entry. @param selectEnd one row with the last `position` that is seen
   */
  readonly settledEnd: ((selectEnd: Statement) => SettledEnd) | null;
  /** Whether the program enters changes of products into their log, because `products` can have no trigger. */
  readonly logsProducts: boolean;
  /** The tables that can have no trigger of ours, because their rows are not here. */
  readTablesWithoutTriggers(connection: Connection): Promise<readonly string[]>;
}

/**
 * Never goes back. Outside of a transaction.
 * @throws StatementFailedError worth another try
 */
export type SettledEnd = (send: Connection['send']) => Promise<number>;

export const oneServer: Distribution = {
  sessionSettings: [],
  poolerMistake: null,
  sqlStateOf: ({ code }) => code,
  readUnsafeServers: async () => [],
  assertRefusalsAreTrue: async () => undefined,
  keepsLinesApart: false,
  toWrites: (statements) => statements,
  oneMoment: { before: [], after: [] },
  settledEnd: null,
  logsProducts: false,
  readTablesWithoutTriggers: async () => [],
};

/** An expression: whether rows may be spread. Asked together with the server's settings on each connection. */
export const maySpread = citus.isInstalled;

export function distributionOf(spreads: boolean): Distribution {
  return spreads ? citus : oneServer;
}
