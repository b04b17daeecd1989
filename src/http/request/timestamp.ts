/** Times as clients send them. */

const timestampPattern =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** The first and the last moment that RFC 3339 can tell in UTC. */
const firstMs = Date.parse('0000-01-01T00:00:00.000Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

/** RFC 3339, in milliseconds since the Unix epoch; a leap second is the first of the next minute. */
export function parseTimestamp(text: string): number | undefined {
  const [, date = '', hours, minutes, seconds, fraction = '', offset = ''] =
    timestampPattern.exec(text) ?? [];
  const dayMs = Date.parse(`${date}T00:00:00.000Z`);
  // A day that its month has not is taken for one of the next by some runtimes.
  if (!Number.isFinite(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== date) return undefined;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const timeMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 + ms;
  return Math.min(Math.max(dayMs + timeMs - offsetMs(offset), firstMs), lastMs);
}

function offsetMs(offset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -size : size;
}
