/** Declares the tests of the sample that calls it, as the contract of the engines does. */
import { describe, test } from 'node:test';

export function describeContract(name: string): void {
  describe(name, () => {
    test('keeps its promise', () => undefined);
  });
}
