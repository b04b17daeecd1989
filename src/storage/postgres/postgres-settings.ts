/** What an operator can set of this engine, beside the address. */
export interface PostgresSettings {
  /** Used when the address has none. */
  readonly password: string | null;
  /** Read again for each new connection, so that a password can be changed while the service runs. */
  readonly passwordFile: string | null;
  /** Whether opening brings the schema up to date; else an old schema is refused. */
  readonly migratesAtStart: boolean;
  /** Whether a server that may forget commits (fsync or synchronous_commit off) is put up with. */
  readonly allowsUnsafeCommits: boolean;
  /** Connections that pages are read on, 1 or more; each carries many reads at once. */
  readonly readConnections: number;
  /** Connections that write, 1 or more: so many batches are under way at once (docs/decisions/0015). */
  readonly writeConnections: number;
  readonly connectTimeoutMs: number;
  /** How long one statement may take, waiting for locks included. */
  readonly statementTimeoutMs: number;
  /** How long a statement may wait for another instance's lock. */
  readonly lockTimeoutMs: number;
}

export const defaultPostgresSettings: PostgresSettings = {
  password: null,
  passwordFile: null,
  migratesAtStart: true,
  allowsUnsafeCommits: false,
  readConnections: 2,
  writeConnections: 1,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 5_000,
  lockTimeoutMs: 3_000,
};

/**
 * A transaction that waits for us this long is given up by the server, with its locks: its process hangs,
 * or the network between has gone without a word.
 */
export const idleInTransactionTimeoutMs = 10_000;

/** Our own patience with a statement ends this much after the server's: then the connection is given up. */
export const answerGraceMs = 2_000;

/**
 * Every statement reads by index: a plan made while a table was small must not turn out to read all of it
 * once it has grown.
 */
export const plannerSettings: Readonly<Record<string, string>> = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
};
