/** The sabotages of all files: `sabotage.ts` makes them, and a test holds that each still finds the code it breaks. */
import { accessSabotages } from './access-sabotages.ts';
import { bigQuerySabotages } from './bigquery-sabotages.ts';
import { copySabotages } from './copy-sabotages.ts';
import { domainSabotages } from './domain-sabotages.ts';
import { erasureSabotages } from './erasure-sabotages.ts';
import { labSabotages } from './lab-sabotages.ts';
import { lakeSabotages } from './lake-sabotages.ts';
import { objectSabotages } from './object-sabotages.ts';
import { postgresSabotages } from './postgres-sabotages.ts';
import { type Sabotage, sabotages } from './sabotages.ts';

export const everySabotage: readonly Sabotage[] = [
  ...sabotages,
  ...accessSabotages,
  ...copySabotages,
  ...domainSabotages,
  ...erasureSabotages,
  ...labSabotages,
  ...lakeSabotages,
  ...bigQuerySabotages,
  ...objectSabotages,
  ...postgresSabotages,
];
