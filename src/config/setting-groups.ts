/** Every setting of the service, in the order of docs/CONFIGURATION.md. */
import { engines } from '../storage/engines.ts';
import { bigQueryGroup } from './bigquery-settings.ts';
import { databaseGroup } from './database-settings.ts';
import { httpGroup } from './http-settings.ts';
import { lakeGroup } from './lake-settings.ts';
import { logGroup } from './log-settings.ts';
import { orderGroup } from './order-settings.ts';
import { publicAddressGroup } from './public-address-settings.ts';
import { rateLimitGroup } from './rate-limit-settings.ts';
import type { SettingGroup } from './setting.ts';
import { tracingGroup } from './tracing-settings.ts';

export const settingGroups: readonly SettingGroup[] = [
  httpGroup,
  publicAddressGroup,
  databaseGroup,
  ...engines.flatMap(({ settingGroup }) => settingGroup ?? []),
  orderGroup,
  rateLimitGroup,
  logGroup,
  tracingGroup,
  lakeGroup,
  bigQueryGroup,
];

/** The names of all settings, such as `PORT`. */
export const settingNames: readonly string[] = settingGroups.flatMap(({ settings }) =>
  Object.values(settings).map(({ name }) => name),
);
