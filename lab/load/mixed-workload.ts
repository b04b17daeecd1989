/**
 * Orders and their lives: of a hundred requests {@link stepsInHundred} take an order that was placed before a step
 * further, and the others place one. Each is a journey of its own, so that the shares stay the same however long a
 * request takes.
 *
 * The orders that get steps are chosen at random among {@link waitingMax} that wait for their next one; a life that has
 * ended makes room for an order that was just placed. Steps come from a warehouse's program: they have an API key, an
 * idempotency key and `If-Match`.
 */
import { createKeyWriter, keyLength } from './idempotency-keys.ts';
import { createOrderRequests } from './order-requests.ts';
import { below, freshRandom, type Random, seededRandom } from './random.ts';
import { type ReadyRequest, readyRequest } from './ready-request.ts';
import type { UserJourneys } from './traffic.ts';
import {
  answerWithoutOrder,
  ordersPath,
  postRoute,
  type Workload,
  type WorkloadOptions,
} from './workload.ts';

export const stepsInHundred = 10;

/** More than there are connections, so that steps are rarely about an order that has just been placed. */
export const waitingMax = 256;

type StepName = 'pack' | 'ship' | 'deliver' | 'return' | 'cancel';

/** By how many of a hundred orders lead them: three of four orders reach their customer, and one of seven comes back. */
export const lives: readonly { readonly inHundred: number; readonly steps: readonly StepName[] }[] = [
  { inHundred: 60, steps: ['pack', 'ship', 'deliver'] },
  { inHundred: 15, steps: ['pack', 'ship', 'deliver', 'return'] },
  { inHundred: 20, steps: ['cancel'] },
  { inHundred: 5, steps: ['pack', 'cancel'] },
];

const paths: Readonly<Record<StepName, string>> = {
  pack: 'pack',
  ship: 'shipments',
  deliver: 'shipments/1/deliver',
  return: 'returns',
  cancel: 'cancel',
};

/** An order that has a step before it. */
interface LivingOrder {
  readonly orderId: string;
  readonly sku: string;
  readonly steps: readonly StepName[];
  stepsDone: number;
}

/** @throws RangeError without an API key */
export function createMixedWorkload(options: WorkloadOptions): Workload {
  const { apiKey } = options;
  if (apiKey === null) throw new RangeError('steps of orders need an API key');
  const random = seededRandom(options.seed + 1);
  const orders = createOrderRequests({ ...options, path: ordersPath });
  const placing = readyRequest(options, postRoute, 201);
  const placingOneToFollow = readyRequest(options, postRoute, 201, true);
  const stepping = createStepRequests({ ...options, apiKey });
  /** Without those whose next step is under way. */
  const waiting: LivingOrder[] = [];
  let living = 0;

  function beginStep(): LivingOrder | null {
    const at = below(random, waiting.length);
    const chosen = waiting[at];
    const last = waiting.pop();
    if (chosen === undefined || last === undefined) return null;
    if (chosen !== last) waiting[at] = last;
    return chosen;
  }

  function journeysOf(): UserJourneys {
    let order: LivingOrder | null = null;
    let isToFollow = false;
    return {
      begin() {
        order = below(random, 100) < stepsInHundred ? beginStep() : null;
        if (order !== null) return stepping.next(order);
        isToFollow = living < waitingMax;
        if (isToFollow) living += 1;
        const request = isToFollow ? placingOneToFollow : placing;
        request.bytes = orders.next();
        return request;
      },
      answered(status, body) {
        if (order === null) {
          if (!isToFollow) return null;
          if (status === 201) waiting.push(newLife(body(), random));
          else living -= 1;
          return null;
        }
        order.stepsDone += 1;
        // A step that was refused is a failure of the run; its order goes no further.
        if ((status === 200 || status === 201) && order.stepsDone < order.steps.length) waiting.push(order);
        else living -= 1;
        return null;
      },
      resumed: () => null,
      end: () => {},
    };
  }

  return {
    routes: [postRoute, ...stepping.routes],
    placingRoute: postRoute,
    requestsPerJourney: 1,
    journeysOf,
  };
}

function newLife(body: Buffer, random: Random): LivingOrder {
  const text = body.toString('latin1');
  const orderId = /"order_id":"([^"]+)"/.exec(text)?.[1];
  const sku = /"sku":"([^"]+)"/.exec(text)?.[1];
  if (orderId === undefined || sku === undefined) throw new Error(answerWithoutOrder);
  let left = below(random, 100);
  const life = lives.find(({ inHundred }) => {
    left -= inHundred;
    return left < 0;
  });
  return { orderId, sku, steps: life?.steps ?? [], stepsDone: 0 };
}

function createStepRequests(options: WorkloadOptions & { readonly apiKey: string }) {
  const { host, apiKey, keyKind } = options;
  const writeKey = createKeyWriter(keyKind, freshRandom(), Date.now);
  const key = Buffer.alloc(keyLength);
  const requests = new Map<StepName, ReadyRequest>();
  for (const [name, path] of Object.entries(paths)) {
    const route = `POST ${ordersPath}/{id}/${path.replace('/1/', '/{shipment}/')}`;
    requests.set(name as StepName, readyRequest(options, route, name === 'ship' ? 201 : 200));
  }

  function bodyOf(name: StepName, sku: string): string {
    if (name === 'ship') return '{"carrier":"Fleet","tracking_number":"1Z999AA10123456784"}';
    if (name === 'return') return `{"lines":[{"sku":"${sku}","quantity":1}],"restock":true}`;
    return '{}';
  }

  return {
    routes: Array.from(requests.values(), ({ route }) => route),
    next({ orderId, sku, steps, stepsDone }: LivingOrder): ReadyRequest {
      const name = steps[stepsDone];
      const request = name && requests.get(name);
      if (!request) throw new RangeError(`order ${orderId} has no step left`);
      writeKey(key, 0);
      const body = bodyOf(name, sku);
      request.bytes = Buffer.from(
        `POST ${ordersPath}/${orderId}/${paths[name]} HTTP/1.1\r\nHost: ${host}\r\n` +
          `Content-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer ${apiKey}\r\n` +
          `If-Match: *\r\nIdempotency-Key: ${key.toString('latin1')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      );
      return request;
    },
  };
}
