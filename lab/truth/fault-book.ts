import type { TruthFault } from './truth.ts';

export type FaultKind = TruthFault['kind'];

/** What was found wrong so far. */
export interface FaultBook {
  note(kind: FaultKind, example: string): void;
  count(kind: FaultKind): number;
  /** The kinds that were found, in the order of {@link faultKinds}. */
  faults(): readonly TruthFault[];
}

const faultKinds: readonly FaultKind[] = ['lost', 'altered', 'not_as_sent', 'doubled', 'oversold', 'stock'];
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
      faultKinds.flatMap((kind) => {
        const fault = found.get(kind);
        return fault === undefined ? [] : [{ kind, ...fault }];
      }),
  };
}
