/** Settings that every engine on a server has, besides its own. */
import { z } from 'zod';
import { type Settings, trueOrFalse, wholeNumber } from '../../config/setting.ts';

export const accessSettings = {
  /** Used when the address has none. */
  password: {
    name: 'DATABASE_PASSWORD',
    schema: z.string(),
    expected: 'the password of the user in DATABASE_URL',
    default: null,
    isSecret: true,
    description: 'The password. A password in DATABASE_URL or in DATABASE_PASSWORD_FILE goes before it.',
  },
  /** Read again for each new connection, so that a password can be changed while the service runs. */
  passwordFile: {
    name: 'DATABASE_PASSWORD_FILE',
    schema: z.string(),
    expected: 'a file that holds that password',
    default: null,
    description: 'A file that holds the password. It is read anew for each connection.',
    example: '/run/secrets/database-password',
  },
  /** Whether opening brings the schema up to date; else an old schema is refused. */
  migratesAtStart: {
    name: 'DATABASE_MIGRATE_AT_START',
    ...trueOrFalse,
    default: 'true',
    isGuarded: true,
    description:
      'Whether a start brings the schema up to date. `false` when another role than the service’s does it with `nozama migrate`.',
  },
} satisfies Settings;

export const timeLimits = {
  connectTimeoutMs: {
    name: 'DATABASE_CONNECT_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 100, 60_000),
    default: '3000',
    description: 'The time for opening a connection.',
  },
  /** How long one statement may take, waiting for locks included. */
  statementTimeoutMs: {
    name: 'DATABASE_STATEMENT_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 100, 600_000),
    default: '5000',
    description: 'The time for one statement, waiting for locks included.',
  },
  /** How long a statement may wait for another instance's lock. */
  lockTimeoutMs: {
    name: 'DATABASE_LOCK_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 100, 600_000),
    default: '3000',
    description: 'The time for which a statement waits for a lock of another instance.',
  },
} satisfies Settings;
