/** The parts of a trace of an order, or of a step of one, and of its batch; times by `performance.now()`. */

/** Of an order or a step that is traced: told when a batch takes it. */
export interface OrderTrace {
  takenAtMs: number | null;
}

export interface TracedBatch {
  /** Orders in it, those that are not traced too. */
  readonly size: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Null when all of it is durable. */
  readonly error: unknown;
}
