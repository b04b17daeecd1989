/**
 * Which client reaches PostgreSQL: the same durable batches through `pg`, with and without its pipelining, and
 * through `postgres`; then what each does when the server or the connection goes away.
 */
import pg from 'pg';
import postgres from 'postgres';
import { startPostgres } from '../postgres/postgres-server.ts';
import { compareAsync } from './interleave.ts';

const batch = 32;

const schema = `
  CREATE TABLE orders (order_id uuid PRIMARY KEY, number bigint UNIQUE, name text, street text, total bigint);
  CREATE TABLE stock (sku text COLLATE "C" PRIMARY KEY, on_hand bigint) WITH (fillfactor = 50);
  INSERT INTO stock SELECT 'item-' || i, 1000000000 FROM generate_series(1, 20) AS i;`;
const lockSql = 'SELECT sku, on_hand FROM stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE';
const insertSql = `INSERT INTO orders SELECT * FROM
  unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])`;
const takeSql = `UPDATE stock SET on_hand = on_hand - units
  FROM unnest($1::text[], $2::bigint[]) AS taken(sku, units) WHERE stock.sku = taken.sku`;
const pageSql = 'SELECT order_id, number, name, street, total FROM orders WHERE order_id = $1::uuid';

const skus = Array.from({ length: 20 }, (_, i) => `item-${i + 1}`);
const units = skus.map(() => 2);
let number = 0;
let lastId = '';

/** The columns of one batch of new orders. */
function newOrders(): [string[], number[], string[], string[], number[]] {
  const ids: string[] = [];
  const numbers: number[] = [];
  for (let i = 0; i < batch; i += 1) {
    number += 1;
    numbers.push(number);
    ids.push(`0192f1d4-0000-7000-8000-${String(number).padStart(12, '0')}`);
  }
  lastId = ids.at(-1) ?? lastId;
  const all = (text: string) => ids.map(() => text);
  return [ids, numbers, all('Ada Lovelace'), all('12 St James Square'), ids.map(() => 19_999)];
}

const named = (name: string, text: string, values: unknown[]) => ({ name, text, values });

/** Two bursts: the first opens the transaction and reads, the second writes and commits. */
async function batchThroughPg(client: pg.Client): Promise<void> {
  await Promise.all([client.query('BEGIN'), client.query(named('lock', lockSql, [skus]))]);
  await Promise.all([
    client.query(named('insert', insertSql, newOrders())),
    client.query(named('take', takeSql, [skus, units])),
    client.query('COMMIT'),
  ]);
}

/** As most code does it: each statement waits for the answer to the one before. */
async function batchStepByStep(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  await client.query(named('lock', lockSql, [skus]));
  await client.query(named('insert', insertSql, newOrders()));
  await client.query(named('take', takeSql, [skus, units]));
  await client.query('COMMIT');
}

async function batchThroughPostgres(sql: postgres.ReservedSql): Promise<void> {
  await Promise.all([sql`BEGIN`.simple(), sql.unsafe(lockSql, [skus], { prepare: true })]);
  await Promise.all([
    sql.unsafe(insertSql, newOrders(), { prepare: true }),
    sql.unsafe(takeSql, [skus, units], { prepare: true }),
    sql`COMMIT`.simple(),
  ]);
}

async function connectPg(url: string, pipeline: boolean): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, pipeline });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

/** The error's code or words, or what came instead of one within two seconds. */
async function fate(work: Promise<unknown>): Promise<string> {
  const settled = work.then(
    () => 'succeeds',
    (error: Error & { code?: string }) => `rejects: ${error.code ?? ''} ${error.message}`.slice(0, 110),
  );
  const waited = new Promise<string>((resolve) => setTimeout(() => resolve('is pending after 2 s'), 2_000));
  return Promise.race([settled, waited]);
}

await using server = await startPostgres({ fsync: true });
await server.query(schema);
const url = server.url('postgres');
const piped = await connectPg(url, true);
const plain = await connectPg(url, false);
const sql = postgres(url, { max: 2, onnotice: () => undefined });
const reserved = await sql.reserve();

say(`PostgreSQL ${(await piped.query('SHOW server_version')).rows[0].server_version}, fsync on\n`);
await compareAsync(
  `A durable batch of ${batch} orders, per order`,
  [
    { name: 'pg, pipelined', run: () => batchThroughPg(piped) },
    { name: 'pg, step by step', run: () => batchStepByStep(plain) },
    { name: 'postgres, pipelined', run: () => batchThroughPostgres(reserved) },
  ],
  batch,
);
const many = Array.from({ length: 50 });
await compareAsync(
  '50 reads of one order asked at once, per read',
  [
    {
      name: 'pg, pipelined',
      run: () => Promise.all(many.map(() => piped.query(named('page', pageSql, [lastId])))),
    },
    {
      name: 'postgres, pipelined',
      run: () => Promise.all(many.map(() => reserved.unsafe(pageSql, [lastId], { prepare: true }))),
    },
  ],
  many.length,
);

say('\nA backend is ended in the middle of a transaction:');
const pidSql = 'SELECT pg_backend_pid() AS pid';
const pidOfPg = (await piped.query(pidSql)).rows[0].pid;
const pidOfPostgres = (await reserved.unsafe(pidSql))[0]?.['pid'];
const underWay = [piped.query('SELECT pg_sleep(5)'), piped.query('COMMIT')].map(fate);
const underWayToo = [reserved.unsafe('SELECT pg_sleep(5)'), reserved.unsafe('COMMIT')].map(fate);
await new Promise((resolve) => setTimeout(resolve, 200));
await server.query(`SELECT pg_terminate_backend(${pidOfPg}), pg_terminate_backend(${pidOfPostgres})`);
say(`  pg        statement ${await underWay[0]}; the COMMIT behind it ${await underWay[1]}`);
say(`  postgres  statement ${await underWayToo[0]}; the COMMIT behind it ${await underWayToo[1]}`);

say('The next statement on the same connection:');
const crashes: string[] = [];
process.on('uncaughtException', (error) => crashes.push(error.message));
say(`  pg        ${await fate(piped.query('SELECT 1'))}`);
say(`  postgres  ${await fate(reserved.unsafe('SELECT 1'))}`);
say(`  uncaught exceptions meanwhile: ${crashes.length === 0 ? 'none' : crashes.join('; ')}`);

say('A new connection while the server is down:');
await server.stop('immediate');
const lateSql = postgres(url, { max: 1, connect_timeout: 1 });
say(`  pg        ${await fate(connectPg(url, true))}`);
say(`  postgres  ${await fate(lateSql`SELECT 1`)}`);
process.exit(0);
