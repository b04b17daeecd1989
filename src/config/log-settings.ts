import { z } from 'zod';
import { logLevels } from '../observability/logging.ts';
import { type SettingGroup, type Settings, wholeNumber } from './setting.ts';

export const logSettings = {
  logLevel: {
    name: 'LOG_LEVEL',
    schema: z.enum(logLevels),
    expected: `one of ${logLevels.join(', ')}`,
    default: 'info',
    description: 'The least grave level that is logged. On a terminal a line for each order needs `debug`.',
    example: 'warn',
  },
  /** Null for no file. */
  logFile: {
    name: 'LOG_FILE',
    schema: z.string().transform((path) => (path === '' ? null : path)),
    expected: 'a file to log to, or empty for none',
    default: 'logs/app.log',
    whenEmpty: 'is a value',
    description:
      'A file to log to besides the terminal. It is made, with its folder, when it is missing. Empty for none.',
  },
  logFileSizeMax: {
    name: 'LOG_FILE_SIZE_MAX',
    ...wholeNumber('bytes', 1_024, 10_000_000_000),
    default: '67108864',
    description: 'The size at which the file is moved aside, to `app.log.1` and so on.',
  },
  logFilesKept: {
    name: 'LOG_FILES_KEPT',
    ...wholeNumber('a count of old log files', 0, 1_000),
    default: '5',
    description: 'How many files that were moved aside are kept.',
  },
} satisfies Settings;

export const logGroup: SettingGroup = { title: 'Log', settings: logSettings };
