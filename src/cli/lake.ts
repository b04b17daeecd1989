/** `nozama lake`: the shop's facts as Delta tables, written beside the service or apart from it. */
import type { LakeConfig } from '../lake-writer/open-lake.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { loadConfig, loadEnvironment } from './load-config.ts';

export const command: Command = {
  usage: `Writes the shop in DATABASE_URL to the lake in LAKE_URL as Delta tables, and looks after them.

Usage: nozama lake run
       nozama lake backfill
       nozama lake status

  run       writes what the shop's logs gain until it is stopped; a service with LAKE_URL does so by itself
  backfill  writes all there is, as fast as it can, makes large files of small ones, and ends
  status    how far each table has come, its versions, files and bytes; changes nothing

Any number of these and of services may be at work on a lake: each entry is written once.
docs/LAKE.md says how the tables are read. Credentials come from the environment or .env.
Exit codes: 0 done (run: stopped), 1 it can't be done, 2 wrong arguments or configuration.
`,
  options: {},
  positionals: ['run, backfill or status'],
  async run(given) {
    const action = actionOf(given);
    const { databaseUrl, engineSettings, lakeUrl, lakePersonalData, lakeCommitSeconds } = loadConfig();
    if (lakeUrl === null)
      throw new UsageError('nozama lake needs LAKE_URL, such as file:./lake or s3://bucket/shop.');
    const lake = {
      databaseUrl,
      engineSettings,
      lakeUrl,
      personalData: lakePersonalData,
      environment: loadEnvironment(),
    };
    return (await actions[action]()).run(lake, lakeCommitSeconds);
  },
};

interface Action {
  run(lake: LakeConfig, commitSeconds: number): Promise<number>;
}

const actions = {
  run: async (): Promise<Action> => import('./lake-run.ts'),
  backfill: async (): Promise<Action> => import('./lake-backfill.ts'),
  status: async (): Promise<Action> => import('./lake-status.ts'),
} as const;

/** @throws UsageError */
function actionOf({ positionals: [action] }: CommandArguments): keyof typeof actions {
  if (action === undefined || !Object.hasOwn(actions, action))
    throw new UsageError('nozama lake needs run, backfill or status.');
  return action as keyof typeof actions;
}
