/** Which metrics, and which of their labels, an expression of PromQL asks for. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** @throws when it is no PromQL */
export function askedBy(expression: string): readonly Asked[] {
  const asked: Asked[] = [];
  let last: { metric: string; labels: string[] } | null = null;
  const grouped: string[] = [];
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at character ${node.from}: ${expression}`);
      const word = expression.slice(node.from, node.to);
      if (node.name === 'VectorSelector') {
        last = { metric: '', labels: [] };
        asked.push(last);
      } else if (node.name === 'Identifier' && last !== null && last.metric === '') {
        last.metric = word;
      } else if (node.name === 'LabelName') {
        if (node.node.parent?.name === 'GroupingLabels') grouped.push(word);
        else last?.labels.push(word);
      }
    },
  });
  return asked.map(({ metric, labels }) => ({ metric, labels: [...labels, ...grouped] }));
}
