/** `{"level":"info","time":"2026-11-23T23:00:00.000Z","msg":"ready","port":5000}` → `23:00:00 info  ready  port=5000` */
export function formatForTerminal(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return line;
  }
  const { level, time, msg, ...rest } = fields;
  const clock = String(time).slice(11, 19);
  const details = Object.entries(rest).map(([name, value]) => `  ${name}=${formatValue(value)}`);
  return `${clock} ${String(level).padEnd(5)} ${String(msg)}${details.join('')}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'stack' in value) return `\n${String(value.stack)}`;
  return JSON.stringify(value);
}
