/** What alerts and dashboard ask Prometheus. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export function readFromRoot(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const rules = 'deploy/prometheus/alerts.yml';

export function alertNames(): string[] {
  return Array.from(readFromRoot(rules).matchAll(/- alert: (\w+)/g), ([, name = '']) => name);
}

/** The folded form of YAML included: an expression goes on where its lines are deeper. */
export function alertExpressions(): string[] {
  const lines = readFromRoot(rules).split('\n');
  return lines.flatMap((line, index) => {
    const [, indent = '', inline = ''] = /^(\s+)expr: (.*)$/.exec(line) ?? [];
    if (inline === '') return [];
    if (inline !== '>-') return [inline];
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((next) => !next.startsWith(`${indent}  `));
    return [rest.slice(0, end).join(' ').trim()];
  });
}

/** @param interval what Grafana would fill in for `$__rate_interval`; it does the same for the instances that are chosen */
export function dashboardExpressions(interval: string): string[] {
  const { panels, templating } = JSON.parse(readFromRoot('deploy/grafana/dashboards/nozama.json')) as {
    panels: readonly { targets?: readonly { expr: string }[] }[];
    templating: { list: readonly { query?: unknown }[] };
  };
  const variables = templating.list.flatMap(
    ({ query }) => /label_values\((.*), \w+\)/.exec(JSON.stringify(query))?.[1]?.replaceAll('\\"', '"') ?? [],
  );
  const asked = [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...variables];
  return asked.map((one) => one.replaceAll('$__rate_interval', interval).replaceAll('$instance', '.*'));
}
