/** The settings of this engine, beside its address, and its limits that are no settings. */
import {
  defaultsOf,
  type SettingGroup,
  type Settings,
  trueOrFalse,
  type ValuesOf,
  wholeNumber,
} from '../../config/setting.ts';
import { accessSettings, timeLimits } from '../server/server-settings.ts';

export const postgresSettings = {
  ...accessSettings,
  /** Whether the service starts on a server that may forget commits (fsync or synchronous_commit off). */
  allowsUnsafeCommits: {
    name: 'DATABASE_ALLOW_UNSAFE_COMMITS',
    ...trueOrFalse,
    default: 'false',
    description:
      'Whether the service starts on a server that runs with fsync=off or synchronous_commit=off. Orders can then be lost.',
  },
  /** Connections that pages are read on, 1 or more; each carries many reads at once. */
  readConnections: {
    name: 'DATABASE_READ_CONNECTIONS',
    ...wholeNumber('a count of connections', 1, 100),
    default: '2',
    description: 'Connections for reading. Each carries many reads at once.',
  },
  /** Connections that write, 1 or more: so many batches are under way at once (docs/decisions/0015). */
  writeConnections: {
    name: 'DATABASE_WRITE_CONNECTIONS',
    ...wholeNumber('a count of connections', 1, 100),
    default: '1',
    description:
      'Connections for writing. Each carries one batch of orders. More than one pays when the database is far away and orders seldom share a product ([why one](decisions/0015-one-batch-at-a-time-on-postgresql.md)).',
  },
  ...timeLimits,
} satisfies Settings;

export const postgresGroup = {
  title: 'PostgreSQL',
  introduction: `PostgreSQL 15 or newer, shared by any number of instances:
\`postgres://USER@HOST:5432/DATABASE?sslmode=verify-full&sslrootcert=/etc/ssl/shop-ca.pem\`

\`sslmode\` is \`disable\`, \`require\` (encrypted, but the server is not checked), \`verify-ca\` or
\`verify-full\`. Without it \`verify-full\` is used, and \`disable\` on this machine. Add
\`pgbouncer=true\` behind a pooler in transaction mode.

\`connect_timeout\` (seconds from 1 to 60) goes before \`DATABASE_CONNECT_TIMEOUT_MS\`.
\`application_name\` (48 ASCII characters at most) follows Nozama's own name in \`pg_stat_activity\`.
\`channel_binding\` is \`disable\` (the default), \`prefer\` or \`require\`. \`sslrootcert=system\` names the
authorities that the runtime knows; a named authority is checked with \`sslmode=require\` too, as in
libpq. Nozama refuses every other parameter and says what to use instead. SQLite ignores the
settings of this section.`,
  settings: postgresSettings,
} satisfies SettingGroup;

/** What an operator can set of this engine, beside the address. */
export type PostgresSettings = ValuesOf<typeof postgresSettings>;

export const defaultPostgresSettings: PostgresSettings = defaultsOf(postgresSettings);

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
