/** `nozama lake`: the shop's facts as Delta tables, written beside the service or apart from it. */
import type { LakeConfig } from '../lake-writer/open-lake.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { loadConfig, loadEnvironment } from './load-config.ts';

export const command: Command = {
  usage: `Writes the shop in DATABASE_URL to the lake in LAKE_URL as Delta tables, and looks after them.

Usage: nozama lake run
       nozama lake backfill
       nozama lake status
       nozama lake verify
       nozama lake vacuum [--retention-hours HOURS]

  run       writes what the shop's logs gain until it is stopped; a service with LAKE_URL does so by itself
  backfill  writes all there is, as fast as it can, makes large files of small ones, and ends
  status    how far each table has come, its versions, files and bytes; changes nothing
  verify    compares all rows with the shop, by day and state; changes nothing
  vacuum    removes files that the tables have not named for HOURS (24 to 48, which is the usual), and the log's
            versions of more than 30 days ago that a checkpoint stands for; the writer does so once a day with 48

Any number of these and of services may be at work on a lake: each entry is written once.
docs/LAKE.md says how the tables are read. Credentials come from the environment or .env.
Exit codes: 0 done (run: stopped), 1 it can't be done or verify has found a difference, 2 wrong arguments or configuration.
`,
  options: { 'retention-hours': { type: 'string' } },
  positionals: ['run, backfill, status, verify or vacuum'],
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
    return (await actions[action](given.values['retention-hours']))(lake, lakeCommitSeconds);
  },
};

type Action = (lake: LakeConfig, commitSeconds: number) => Promise<number>;

/** Each loads what it needs. @throws UsageError for a wrong retention */
const actions = {
  run: async (): Promise<Action> => (await import('./lake-run.ts')).run,
  backfill: async (): Promise<Action> => (await import('./lake-backfill.ts')).run,
  status: async (): Promise<Action> => (await import('./lake-status.ts')).run,
  verify: async (): Promise<Action> => (await import('./lake-verify.ts')).run,
  vacuum: async (hours: string | boolean | undefined): Promise<Action> => {
    const { retentionIn, run } = await import('./lake-vacuum.ts');
    const retentionMs = retentionIn(hours);
    return (lake) => run(lake, retentionMs);
  },
} as const;

/** @throws UsageError */
function actionOf({ positionals: [action], values }: CommandArguments): keyof typeof actions {
  if (action === undefined || !Object.hasOwn(actions, action))
    throw new UsageError('nozama lake needs run, backfill, status, verify or vacuum.');
  if (values['retention-hours'] !== undefined && action !== 'vacuum')
    throw new UsageError('Only nozama lake vacuum takes --retention-hours.');
  return action as keyof typeof actions;
}
