import { z } from 'zod';
import { engines, exampleUrls, isDatabaseUrl } from '../storage/engines.ts';
import type { SettingGroup, Settings } from './setting.ts';

export const databaseSettings = {
  databaseUrl: {
    name: 'DATABASE_URL',
    schema: z.string().refine(isDatabaseUrl),
    expected: `a database such as ${exampleUrls(engines).join(' or ')}`,
    default: 'sqlite:./data/nozama.db',
    description:
      'The database that holds the shop. An SQLite file is made, with its folder, when it is missing.',
    example: 'postgres://nozama@db.example/shop',
  },
} satisfies Settings;

export const databaseGroup: SettingGroup = { title: 'Database', settings: databaseSettings };
