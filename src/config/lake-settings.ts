import { z } from 'zod';
import { type SettingGroup, type Settings, trueOrFalse, wholeNumber } from './setting.ts';

export const lakeSettings = {
  /** Null: there is no lake. */
  lakeUrl: {
    name: 'LAKE_URL',
    schema: z.string().regex(/^(file|s3|abfss|azure|https|http|gs|webhdfs|swebhdfs):[^\s]/i),
    expected:
      'a place such as file:./lake, s3://bucket/shop, abfss://container@account/shop, gs://bucket/shop or webhdfs://namenode:9870/shop',
    default: null,
    isGuarded: true,
    description:
      'Where orders, steps, products and stock movements are written as Delta tables, for Spark, Databricks, DuckDB and others ([docs/LAKE.md](LAKE.md)). A folder needs `file:`. Without it no lake is written. Credentials stand in variables of their own, below.',
    example: 's3://bucket/shop',
  },
  lakeCommitSeconds: {
    name: 'LAKE_COMMIT_SECONDS',
    ...wholeNumber('seconds', 1, 3_600),
    default: '5',
    description:
      'Seconds until an order can be read (default 5), while the store answers. A larger value makes fewer and larger files.',
  },
  lakePersonalData: {
    name: 'LAKE_PERSONAL_DATA',
    ...trueOrFalse,
    default: 'false',
    description:
      'Whether names, email addresses, streets and free texts go into the lake. A table that was made without them gains their columns; one that was made with them keeps them. `webhdfs:` to another machine is refused with it.',
  },
} satisfies Settings;

export const lakeGroup: SettingGroup = {
  title: 'Lake',
  introduction:
    'The service writes the lake beside taking orders. With PostgreSQL, `nozama lake run` can do it on another machine: give it the same settings, and leave LAKE_URL out where the service runs. It has no metrics: check by `nozama lake status`.',
  settings: lakeSettings,
};
