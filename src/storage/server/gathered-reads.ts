/**
 * Rows by their id, read as they are asked for: the ids that are asked for while earlier reads are under way
 * are read together by the next, in one statement and so at one moment.
 *
 * Trades nothing when traffic is low (a lone read goes at once) and, when it is high, one round trip for many
 * pages, and one for all that ask for the same row. Limits: `readsInFlightMax` statements under way, `idsMax`
 * ids in one.
 */
export const readsInFlightMax = 2;
export const idsMax = 200;

interface Waiting<Question, Row> {
  readonly id: string;
  readonly question: Question;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One row by its id, or undefined when there is none.
 * @param read gets the questions that have gathered; one id may be among them several times
 * @param idOf a row
 */
export function createGatheredReads<Question, Row>(
  read: (questions: readonly Question[]) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): (id: string, question: Question) => Promise<Row | undefined> {
  const waiting: Waiting<Question, Row>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || inFlight >= readsInFlightMax) return;
    isScheduled = true;
    // What comes in with the same read of the network belongs together.
    queueMicrotask(() => {
      isScheduled = false;
      void readNext();
    });
  }

  /** As many as can be answered by reading `idsMax` rows. */
  function takeWaiting(): readonly Waiting<Question, Row>[] {
    const ids = new Set<string>();
    let count = 0;
    for (const { id } of waiting) {
      if (ids.size === idsMax && !ids.has(id)) break;
      ids.add(id);
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function readNext(): Promise<void> {
    const batch = takeWaiting();
    inFlight += 1;
    try {
      const rows = await read(batch.map(({ question }) => question));
      const byId = new Map(rows.map((row) => [idOf(row), row]));
      for (const { id, resolve } of batch) resolve(byId.get(id));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      inFlight -= 1;
      schedule();
    }
  }

  return (id, question) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, question, resolve, reject });
      schedule();
    });
}
