import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { TableRefusedError } from '../events/tables/table-refused-error.ts';
import { createLakeMetrics } from '../observability/lake-metrics.ts';
import { createTeller } from './lake-teller.ts';
import { type LakeNews, upkeepNews } from './write-lake.ts';

type Round = Extract<LakeNews, { kind: 'round' }>;

function aTeller() {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const registry = new Registry();
  let now = 1_000_000;
  const metrics = createLakeMetrics([registry], 'lake', () => now);
  metrics.watch(5_000, ['orders']);
  const teller = createTeller(
    log,
    metrics,
    { kind: 'lake', name: 'the lake', Name: 'The lake', where: '/lake' },
    () => now,
  );
  return {
    teller,
    told: () => lines.splice(0),
    later(ms: number) {
      now += ms;
    },
    now: () => now,
    async metric(name: string) {
      const text = await registry.metrics();
      return Number(new RegExp(`^${name}(?:\\{table="orders"\\})? (\\S+)$`, 'm').exec(text)?.[1]);
    },
  };
}

const round = (change: Partial<Round> = {}): Round => ({
  kind: 'round',
  tables: [{ table: 'orders', position: 7, refusal: null }],
  oldestUnwrittenAtMs: null,
  isStandingBy: false,
  ...change,
});
const failed = {
  kind: 'failed',
  words: 'The bucket is gone.',
  isOurFault: false,
  oldestUnwrittenAtMs: null,
} as const satisfies LakeNews;

describe('the teller of the lake', () => {
  it('tells a failure that lasts every ten minutes, and its end once', () => {
    const { teller, told, later } = aTeller();
    teller.news(round());
    assert.deepEqual(told(), ['info this process writes the lake {"lake":"/lake"}']);
    teller.news({ ...failed, words: 'No room for 01a22fe9-59e8-788d-ae84-868c72a882c4.' });
    teller.news({ ...failed, words: 'No room for 76503acd-a417-4e0c-84b6-9833530f5e48.' });
    assert.equal(told().length, 1);
    later(600_000);
    teller.news(failed);
    assert.match(
      told().join('\n'),
      /^warn The lake can't be written, and is tried again; orders go on\. The bucket is gone\./,
    );
    teller.news(round());
    teller.news(round());
    assert.deepEqual(told(), ['info the lake is written again {"lake":"/lake"}']);
  });

  it('tells failed upkeep apart from failures to write, and each once in ten minutes', async () => {
    const { teller, told, later, metric } = aTeller();
    teller.news(round());
    told();
    const uuids = ['01a22fe9-59e8-788d-ae84-868c72a882c4', '76503acd-a417-4e0c-84b6-9833530f5e48'];
    const upkeep = (work: 'compaction' | 'vacuum', words: string) =>
      teller.news(upkeepNews({ work, table: 'orders', error: new TableRefusedError(words), moreDays: 0 }));
    const failing = () => {
      for (const id of uuids) {
        upkeep('compaction', `The lake lacks day=1/${id}.`);
        upkeep('compaction', `The lake lacks day=2/${id}.`);
        upkeep('vacuum', 'No right to remove.');
        teller.news(round());
      }
    };
    failing();
    const lines = [
      `warn Small files of the lake can't be made large ones; rows are written all the same. The lake lacks day=1/${uuids[0]}. {"lake":"/lake","table":"orders"}`,
      `warn Small files of the lake can't be made large ones; rows are written all the same. The lake lacks day=2/${uuids[0]}. {"lake":"/lake","table":"orders"}`,
      `warn Files of the lake that no reader needs can't be removed; rows are written all the same. No right to remove. {"lake":"/lake","table":"orders"}`,
    ];
    assert.deepEqual(told(), lines);
    later(599_999);
    failing();
    assert.deepEqual(told(), []);
    later(1);
    failing();
    assert.deepEqual(told(), lines);
    assert.equal(await metric('nozama_lake_failures_total'), 0);
  });

  it('tells how many days of a table can’t be compacted, and a fault of the program with its stack', () => {
    const { teller, told } = aTeller();
    const failure = { work: 'compaction', table: 'orders', moreDays: 2 } as const;
    teller.news(upkeepNews({ ...failure, error: new TableRefusedError('The lake lacks day=1.') }));
    teller.news(upkeepNews({ ...failure, error: new TypeError('undefined is not a number') }));
    const [warned = '', failed = ''] = told();
    assert.match(warned, /^warn .*The lake lacks day=1\. More days of this table that fail: 2\./);
    assert.match(failed, /^error Small files .*all the same .*TypeError: undefined is not a number/);
  });

  it('tells a fault of the program as an error with its stack', () => {
    const { teller, told } = aTeller();
    teller.threadFailed(new TypeError('undefined is not a number'));
    assert.match(
      told().join('\n'),
      /^error the lake can’t be written; orders go on .*TypeError: undefined is not a number/,
    );
  });

  it('tells once that a table is refused, and once that it is not any more', async () => {
    const { teller, told, metric } = aTeller();
    const refused = round({ tables: [{ table: 'orders', position: 0, refusal: 'Somebody else’s.' }] });
    teller.news(refused);
    teller.news(refused);
    assert.equal(told().filter((line) => line.startsWith('warn Somebody else’s.')).length, 1);
    assert.equal(await metric('nozama_lake_refused_tables'), 1);
    teller.news(round());
    assert.deepEqual(told(), ['info this table is written again {"lake":"/lake","table":"orders"}']);
    assert.equal(await metric('nozama_lake_refused_tables'), 0);
  });

  it('tells that this process stands by, and that it takes over', () => {
    const { teller, told } = aTeller();
    teller.news(round({ isStandingBy: true }));
    teller.news(round({ isStandingBy: true }));
    teller.news(round());
    assert.deepEqual(
      told().map((line) => line.split(' {')[0]),
      ['info another process writes the lake; this one stands by', 'info this process writes the lake'],
    );
  });
});

describe('the lag', () => {
  it('is the age of the oldest entry that is not in the lake', async () => {
    const { teller, later, now, metric } = aTeller();
    teller.news(round({ oldestUnwrittenAtMs: now() - 2_000 }));
    assert.equal(await metric('nozama_lake_lag_seconds'), 2);
    teller.news(round());
    later(4_000);
    assert.equal(await metric('nozama_lake_lag_seconds'), 0);
    teller.news({ ...failed, oldestUnwrittenAtMs: now() - 1_000 });
    assert.equal(await metric('nozama_lake_lag_seconds'), 1);
    teller.news(failed);
    assert.equal(await metric('nozama_lake_lag_seconds'), 1);
    assert.equal(await metric('nozama_lake_position'), 7);
  });

  it('grows when the thread has told nothing for six times the seconds it has: it hangs', async () => {
    const { teller, later, metric } = aTeller();
    teller.news(round());
    later(30_001);
    assert.equal(await metric('nozama_lake_lag_seconds'), 30.001);
    later(60_000);
    assert.equal(await metric('nozama_lake_lag_seconds'), 90.001);
  });
});
