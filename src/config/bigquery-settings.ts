import { z } from 'zod';
import { readDatasetAddress } from '../events/bigquery/dataset-address.ts';
import { type SettingGroup, type Settings, wholeNumber } from './setting.ts';

export const bigQuerySettings = {
  /** Null: nothing is loaded. */
  bigQueryDataset: {
    name: 'BIGQUERY_DATASET',
    schema: z.string().transform((text, context) => {
      const address = readDatasetAddress(text);
      if (address === null) context.addIssue('no dataset');
      return address ?? z.NEVER;
    }),
    expected: 'a project and a dataset, such as my-project.shop',
    default: null,
    isGuarded: true,
    alsoCalled: ['BIGQUERY_TABLE'],
    description:
      'The dataset of BigQuery that the shop’s facts are loaded into ([docs/LAKE.md](LAKE.md)), without personal data. It is made when it is missing, and so are its tables. Without it nothing is loaded. Credentials stand in variables of their own, below.',
    example: 'my-project.shop',
  },
  bigQueryLocation: {
    name: 'BIGQUERY_LOCATION',
    schema: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{1,62}$/),
    expected: 'a location of BigQuery, such as EU or europe-west3',
    default: 'US',
    description:
      'Where the dataset is kept, when Nozama makes it. A dataset that is there stays where it is.',
    example: 'EU',
  },
  bigQueryLoadSeconds: {
    name: 'BIGQUERY_LOAD_SECONDS',
    ...wholeNumber('seconds', 60, 86_400),
    default: '120',
    description:
      'Within so many seconds an order can be read in BigQuery. BigQuery allows 1,500 loads a day into a table: one a minute.',
  },
} satisfies Settings;

export const bigQueryGroup: SettingGroup = {
  title: 'BigQuery',
  introduction:
    'Loads are free; what is stored and asked costs what Google asks for it. The service account needs the roles *BigQuery Data Editor* and *BigQuery Job User*; without Data Editor of the whole project, make the dataset first.',
  settings: bigQuerySettings,
};
