/** The tables of a scripted BigQuery, with the expirations that their dataset gives them. */

export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>;

export interface Dataset {
  readonly location: string;
  /** Both are of tables that are made without one. */
  readonly defaultPartitionExpirationMs?: string;
  readonly defaultTableExpirationMs?: string;
  /** Tables keep their expiration whatever is asked. */
  readonly keepsExpiration?: boolean;
}

export interface StoredTable {
  resource: Record<string, unknown> & { schema: { fields: { name: string; type: string; mode?: string }[] } };
  creationTime: number;
  lastModifiedTime: number;
  rows: Row[];
}

/** One of the dataset's defaults is in it; a null of ours does not keep it away. */
export function aTable(dataset: Dataset, asked: Record<string, object>, now: number): StoredTable {
  const { defaultPartitionExpirationMs, defaultTableExpirationMs } = dataset;
  const resource: Record<string, unknown> = { ...asked };
  if (defaultPartitionExpirationMs !== undefined) {
    const expirationMs = defaultPartitionExpirationMs;
    resource['timePartitioning'] = { ...asked['timePartitioning'], expirationMs };
  } else if (defaultTableExpirationMs !== undefined)
    resource['expirationTime'] = String(now + Number(defaultTableExpirationMs));
  return {
    resource: resource as StoredTable['resource'],
    creationTime: now,
    lastModifiedTime: now,
    rows: [],
  };
}

export function changeTable(
  table: StoredTable,
  datasets: readonly Dataset[],
  change: object,
  now: number,
): void {
  const { expirationTime, timePartitioning } = table.resource;
  const isKept = datasets.some(({ keepsExpiration }) => keepsExpiration === true);
  const kept = isKept ? { expirationTime, timePartitioning } : {};
  table.resource = { ...(merged(table.resource, change) as StoredTable['resource']), ...kept };
  table.lastModifiedTime = now;
}

/** As PATCH has it: objects are merged, a null takes a field away. */
function merged(before: unknown, change: unknown): unknown {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(change)) return change;
  const result: Record<string, unknown> = isObject(before) ? { ...(before as object) } : {};
  for (const [field, value] of Object.entries(change as object))
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  return result;
}
