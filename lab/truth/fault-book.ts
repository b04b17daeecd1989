import type { TruthFault } from './truth.ts';

export type FaultKind = TruthFault['kind'];

/** The faults that were found so far. */
export interface FaultBook {
  note(kind: FaultKind, example: string): void;
  count(kind: FaultKind): number;
  /** The kinds that were found, the worst first. */
  faults(): readonly TruthFault[];
}

const faultWords: Readonly<Record<FaultKind, string>> = {
  lost: 'acknowledged, and not there',
  altered: 'there, but other than acknowledged',
  not_as_sent: 'acknowledged, but other than sent',
  doubled: 'doubled: one key with two orders, or one order for two keys',
  oversold: 'products sold below zero',
  stock: 'products of which units taken and units sold do not agree',
};
const examplesMax = 5;

export function createFaultBook(): FaultBook {
  const found = new Map<FaultKind, { count: number; readonly examples: string[] }>();
  return {
    note(kind, example) {
      const fault = found.get(kind) ?? { count: 0, examples: [] };
      found.set(kind, fault);
      fault.count += 1;
      if (fault.examples.length < examplesMax) fault.examples.push(example);
    },
    count: (kind) => found.get(kind)?.count ?? 0,
    faults: () =>
      (Object.keys(faultWords) as readonly FaultKind[]).flatMap((kind) => {
        const fault = found.get(kind);
        return fault === undefined ? [] : [{ kind, words: faultWords[kind], ...fault }];
      }),
  };
}
