/**
 * The exports of a scenario file: weighted tasks, each a generator function that yields one request or pause
 * after the other and is given the answer to each. One user runs one task at a time, on one connection.
 *
 *     export const scenario: Scenario = {
 *       title: 'Look at a product',
 *       about: 'Opens the shop, thinks, and reads one product.',
 *       tasks: [{
 *         weight: 1,
 *         *run({ random, products }) {
 *           yield get('/');
 *           yield pause(1_000, 3_000);
 *           yield get(`/api/v1/products/${random.pick(products).sku}`, { route: 'GET /api/v1/products/{sku}' });
 *         },
 *       }],
 *     };
 */

export interface Scenario {
  /** A few words, for the list to choose from. */
  readonly title: string;
  /** One sentence: the requests that are sent, and what the run shows. */
  readonly about: string;
  readonly tasks: readonly Task[];
  /**
   * The expected rate of requests by the rate of journeys, used to turn a rate of requests into one of
   * journeys in an open loop; 1 unless told.
   */
  readonly requestsPerJourney?: number;
  /** Units of every product in a service that the lab starts for it; more than can be sold unless told. */
  readonly stock?: number;
}

export interface Task {
  /** How often this task is chosen, by the sum of all weights. Above 0. */
  readonly weight: number;
  run(user: User): Journey;
}

/**
 * Ends when it returns; what it throws is a failure of the journey, counted with its message (but not once more
 * when its last request was a failure itself).
 */
export type Journey = Generator<Step, void, Answer>;

/** Who goes through a scenario; the same seed gives the same users. */
export interface User {
  /** 0 and up, over all workers. */
  readonly id: number;
  readonly random: RandomData;
  /** Active products when the run began, in stock or not; empty when the service lists none. */
  readonly products: readonly ListedProduct[];
}

export interface ListedProduct {
  readonly sku: string;
  readonly priceCents: number;
  /** Units when the run began. */
  readonly onHand: number;
}

/** Random data by seed. */
export interface RandomData {
  /** 0 to below 1. */
  fraction(): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

export type Step = RequestStep | PauseStep;

export interface RequestStep {
  readonly kind: 'request';
  /** Its name in the table of routes, such as `GET /orders/{id}`. */
  readonly route: string;
  /** A whole HTTP/1.1 request; the generator may reuse the memory after the answer. */
  readonly bytes: Uint8Array;
  /** Statuses that are as they should be; any other is a failure. */
  readonly expects: readonly number[];
  /** Whether the answer's body is kept for {@link Answer}. */
  readonly keepsBody: boolean;
  /** The order that was sent: it goes into the ledger. Null for any other request. */
  readonly order: OrderSent | null;
  /** Bytes a second at which the request is sent, as from a slow client; null for all at once. */
  readonly bytesPerSecond: number | null;
}

export interface OrderSent {
  /** The Idempotency-Key. */
  readonly key: string;
  /** The JSON of the order as it was sent. */
  readonly body: Uint8Array;
}

/** As long as chance has it, by the user's seed. */
export interface PauseStep {
  readonly kind: 'pause';
  readonly msMin: number;
  readonly msMax: number;
}

/** The answer to the request before. */
export interface Answer {
  /** 0 when none came: the journey may send again, or end. */
  readonly status: number;
  /** Empty unless the step keeps the body. */
  text(): string;
  /** @throws SyntaxError when it is not JSON */
  json(): unknown;
}
