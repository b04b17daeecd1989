/** Work that would hold up the event loop is written as a generator, which yields where it may be interrupted. */

export type Slices<Result> = Generator<undefined, Result, undefined>;

/** For a process that does nothing else. */
export function finish<Result>(slices: Slices<Result>): Result {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** Lets the event loop go on once more than `sliceMs` have passed. Rejects when the work throws. @param sliceMs milliseconds */
export async function finishInSlices<Result>(slices: Slices<Result>, sliceMs: number): Promise<Result> {
  let begunMs = performance.now();
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    if (performance.now() - begunMs < sliceMs) continue;
    await new Promise(setImmediate);
    begunMs = performance.now();
  }
}
