/** `nozama bigquery`: the shop's facts in BigQuery, loaded beside the service or apart from it. */
import { type Command, UsageError } from './command.ts';
import { loadConfig, loadEnvironment } from './load-config.ts';

export const command: Command = {
  usage: `Loads the shop in DATABASE_URL into BigQuery, into the dataset in BIGQUERY_DATASET.

Usage: nozama bigquery run

  run  loads all there is, and then what the shop's logs gain, until it is stopped; a service with
       BIGQUERY_DATASET does so by itself

Any number of these and of services may be at work on a dataset: each entry is loaded once.
Personal data is not loaded. Credentials come from the environment or .env: GOOGLE_APPLICATION_CREDENTIALS,
or the identity of the machine. docs/LAKE.md says more.
Exit codes: 0 stopped, 1 it can't be done, 2 wrong arguments or configuration.
`,
  options: {},
  positionals: ['run'],
  async run({ positionals: [action] }) {
    if (action !== 'run') throw new UsageError('nozama bigquery needs run.');
    const {
      databaseUrl,
      engineSettings,
      bigQueryDataset: dataset,
      bigQueryLocation: location,
      bigQueryLoadSeconds,
    } = loadConfig();
    if (dataset === null)
      throw new UsageError('nozama bigquery needs BIGQUERY_DATASET, such as my-project.shop.');
    const { run } = await import('./lake-run.ts');
    const environment = loadEnvironment();
    return run({ databaseUrl, engineSettings, dataset, location, environment }, bigQueryLoadSeconds);
  },
};
