/** The settings of this engine, beside its address. */
import {
  defaultsOf,
  type SettingGroup,
  type Settings,
  type ValuesOf,
  wholeNumber,
} from '../../config/setting.ts';

export const sqliteSettings = {
  /** Bytes that orders leave free where the database is, and not more than an eighth of that disk. */
  freeBytesMin: {
    name: 'DATABASE_FREE_BYTES_MIN',
    ...wholeNumber('bytes', 0, 1_000_000_000_000),
    default: '16777216',
    description:
      'Bytes that orders leave free where the database is, at most an eighth of that disk. Below it, orders are refused with 503 until there is room again, because a full disk leaves no way back.',
  },
} satisfies Settings;

export type SqliteSettings = ValuesOf<typeof sqliteSettings>;

export const defaultSqliteSettings: SqliteSettings = defaultsOf(sqliteSettings);

export const sqliteGroup = {
  title: 'SQLite',
  introduction: 'These settings have no effect on PostgreSQL.',
  settings: sqliteSettings,
} satisfies SettingGroup;
