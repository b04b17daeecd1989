/**
 * A batch of the engine's own statements as a pgbench script: the same texts, prepared, in the same two bursts.
 *
 * What is the same for every transaction travels as a parameter, as it does from the service. What must be new
 * each time (order ids, numbers, keys) is made of a counter inside the statement, by expressions that cost
 * about what reading the array would.
 */
import type { BatchStatements, Statement } from '../../engine/batch-statements.ts';

export interface PgbenchScript {
  readonly text: string;
  /** Values of its variables, for `--define`. */
  readonly variables: ReadonlyMap<string, string>;
}

/** Where numbers of a client start, so that no two clients make the same. */
const numbersPerClient = 10_000_000_000;

/** @param prefix keeps the variables of scripts that run together apart */
export function writePgbenchScript(
  { submissions, first, second }: BatchStatements,
  orderNumberFirst: number,
  prefix: string,
): PgbenchScript {
  const size = submissions.length;
  const isPrepared = `${prefix}_prepared`;
  const variables = new Map([
    [isPrepared, '0'],
    // One for all scripts of a client.
    ['base', '0'],
  ]);
  const orderIds = new Set(submissions.map(({ orderId }) => orderId));
  const keys = new Set(submissions.map(({ idempotency }) => idempotency?.key));
  const series = (expression: string) =>
    `(SELECT array_agg(${expression} ORDER BY i) FROM generate_series(:base::bigint, :base::bigint + ${size - 1}) AS i)`;

  function valueText(value: unknown): string {
    if (!Array.isArray(value)) return variable(String(value));
    const all = (test: (item: unknown) => boolean) => value.length > 0 && value.every(test);
    if (all((item) => orderIds.has(item as string))) return series("lpad(to_hex(i), 32, '0')::uuid");
    if (all((item) => keys.has(item as string))) return series("'bench-' || lpad(i::text, 30, '0')");
    if (all((item) => typeof item === 'number' && item >= orderNumberFirst && item < orderNumberFirst + size))
      return series('i');
    return variable(arrayLiteral(value));
  }

  function variable(value: string): string {
    const name = `${prefix}_${variables.size + 1}`;
    variables.set(name, value);
    return `:${name}`;
  }

  function line({ text, values = [] }: Statement): string {
    const filled = text.replaceAll(/\$(\d+)(::[a-z]+(?:\[\])?)?/g, (_, nth: string, cast = '') => {
      const value = valueText(values[Number(nth) - 1]);
      // A variable in the middle of a comparison tells no type of its own.
      return `${value}${cast === '' && /^:/.test(value) ? '::bigint' : cast}`;
    });
    return `${filled.replaceAll(/\s+/g, ' ').trim()};`;
  }

  const text = [
    // pgbench prepares a script at its first statement, which must not be in a pipeline.
    `\\if :${isPrepared} = 0`,
    'SELECT 1;',
    `\\set ${isPrepared} 1`,
    '\\endif',
    '\\if :base = 0',
    `\\set base ${orderNumberFirst} + :client_id * ${numbersPerClient}`,
    '\\endif',
    '\\startpipeline',
    ...first.map(line),
    '\\endpipeline',
    '\\startpipeline',
    ...second.map(line),
    '\\endpipeline',
    `\\set base :base + ${size}`,
    '',
  ].join('\n');
  return { text, variables };
}

function arrayLiteral(values: readonly unknown[]): string {
  const items = values.map((value) =>
    value === null ? 'NULL' : `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`,
  );
  return `{${items.join(',')}}`;
}
