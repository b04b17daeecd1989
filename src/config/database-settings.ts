import { z } from 'zod';
import { databaseUrlMistake, engines, exampleUrls } from '../storage/engines.ts';
import type { SettingGroup, Settings } from './setting.ts';

export const databaseSettings = {
  databaseUrl: {
    name: 'DATABASE_URL',
    schema: z.string().refine((url) => databaseUrlMistake(url) === null),
    explain: databaseUrlMistake,
    expected: `a database such as ${exampleUrls(engines).join(' or ')}`,
    default: 'sqlite:./data/nozama.db',
    whenEmpty: 'is refused',
    isGuarded: true,
    alsoCalled: [
      'DATABASE_URI',
      'DATABASE_DSN',
      'DATABASE_CONNECTION_STRING',
      'DATABASE_PRIVATE_URL',
      'DATABASE_PUBLIC_URL',
      'DB_URL',
      'DB_URI',
      'DB_DSN',
      'POSTGRES_URL',
      'POSTGRES_URI',
      'POSTGRES_DSN',
      'POSTGRESQL_URL',
      'POSTGRESQL_URI',
      'PG_URL',
      'PGURL',
    ],
    description:
      'The database that holds the shop. An SQLite file is made, with its folder, when it is missing; its path stands in the address as it is.',
    example: 'postgres://nozama@db.example/shop',
  },
} satisfies Settings;

export const databaseGroup: SettingGroup = { title: 'Database', settings: databaseSettings };
