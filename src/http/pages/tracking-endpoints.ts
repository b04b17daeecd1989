/**
 * `/track`: finds an order by its number and its ZIP code or email. A wrong proof and an unknown number have the same answer.
 * Numbers and ZIP codes are easy to guess: tries are limited by address and by number, always.
 */
import { z } from 'zod';
import type { Order } from '../../domain/order.ts';
import { orderAt } from '../../domain/order-event.ts';
import { orderStatuses } from '../../domain/order-lifecycle.ts';
import {
  isGuessable,
  type OrderProof,
  provesOrder,
  readOrderNumber,
  readOrderProof,
} from '../../domain/order-proof.ts';
import { zipCodePattern } from '../../domain/zip-code.ts';
import { StoreUnavailableError } from '../../intake/batches-at-store.ts';
import { waitWords } from '../../web/problem/wait-words.ts';
import {
  renderTrackingPage,
  type TrackingField,
  type TrackingPageView,
  trackingFields,
} from '../../web/tracking/tracking-page.ts';
import { AnsweredFault } from '../answered-fault.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { confirmationUrl, placedHeaders } from '../orders/confirmation-link.ts';
import { type Problem, retryAfterSeconds } from '../problem-details.ts';
import { clientAddress } from '../request/client-connection.ts';
import { jsonOrFormBody } from '../request/declared-body.ts';
import { mistakesOf } from '../request/field-mistakes.ts';
import type { RequestContext } from '../request/request-context.ts';
import { limitedAddress } from '../request/request-limits.ts';

const fieldLengthMax = 300;

const number = z
  .string()
  .max(fieldLengthMax)
  .transform((typed, issues) => {
    const read = readOrderNumber(typed);
    if (read === null) issues.addIssue({ code: 'custom', params: { code: 'invalid_order_number' } });
    return read ?? 0;
  })
  .meta({
    description: 'Number of the order, as text; # and “Order” before it do no harm.',
    sentAs: { type: 'string', pattern: '^[0-9]{1,15}$' },
    examples: ['1047'],
  });

const zipOrEmail = z
  .string()
  .max(fieldLengthMax)
  .transform((typed, issues): OrderProof => {
    const read = readOrderProof(typed);
    const code = read === null ? 'invalid_zip_or_email' : isGuessable(read) ? 'guessable_zip_code' : null;
    if (code !== null) issues.addIssue({ code: 'custom', params: { code } });
    return read ?? { kind: 'email', email: '' };
  })
  .meta({
    description:
      'ZIP code or email that the order was placed with. Capitals of an email don’t count, nor does +4. Where a state has few ZIP codes (AS, GU, MP, VI, FM, MH, PW) only the email is taken.',
    sentAs: { type: 'string', maxLength: fieldLengthMax, pattern: `${zipCodePattern.source}|@` },
    examples: ['78701'],
  });

const trackingSchema = z.strictObject({ number, zip_or_email: zipOrEmail }).meta({ id: 'TrackingRequest' });
const trackingFormSchema = z.object({ number, zip_or_email: zipOrEmail }).meta({ id: 'TrackingForm' });

const foundSchema = z
  .object({
    order_id: z.string(),
    number: z.int(),
    status: z.enum(orderStatuses),
    confirmation_url: z.string().meta({ description: 'With the order’s key.' }),
  })
  .meta({ id: 'TrackedOrder' });

const showTracking = endpoint({
  id: 'showTracking',
  method: 'GET',
  path: '/track',
  tag: 'Pages',
  summary: 'The page that finds an order by its number',
  scope: 'public',
  problemForm: 'page_unless_json',
  answers: { 200: { description: 'The page.', content: { 'text/html': null } } },
  handle: ({ basePath }) => ({
    status: 200,
    headers: { 'cache-control': 'no-cache' },
    page: renderTrackingPage({ basePath, values: {}, errors: {}, notice: null }),
  }),
});

const again = { content: { 'text/html': null } } as const;

const trackOrder = endpoint({
  id: 'trackOrder',
  method: 'POST',
  path: '/track',
  tag: 'Orders',
  summary: 'Find an order by its number, and its ZIP code or email',
  description:
    'Takes JSON, and the HTML form of the page. A wrong ZIP code or email and an unknown number have the same answer. Limited by address and by number, whatever else is set.',
  scope: 'public',
  problemForm: 'page_if_wanted',
  request: { body: jsonOrFormBody(trackingSchema, trackingFormSchema) },
  answers: {
    200: {
      description: 'Found.',
      content: { 'application/json': foundSchema },
    },
    303: {
      description: 'Found, from the form.',
      headers: {
        location: { description: 'The order’s page.' },
        'set-cookie': { description: 'The order’s key, for its page.' },
      },
    },
    404: { description: 'The form again: nothing was found.', ...again },
    422: { description: 'The form again: something in it is not valid.', ...again },
    429: {
      description: 'The form again: there were too many tries.',
      ...again,
      headers: {
        'retry-after': { description: 'Seconds.' },
        ratelimit: { description: 'The tries that are left.' },
        'ratelimit-policy': { description: 'The limit.' },
      },
    },
    503: {
      description: 'The form again: orders could not be read now.',
      ...again,
      headers: { 'retry-after': { description: 'Seconds.' } },
    },
  },
  problems: ['order_not_found', 'store_unavailable', 'rate_limited'],
  async handle(deps, { body, context }) {
    if (body.form !== null) return trackByForm(deps, context, body.form);
    const found = await findOrder(deps, context, body.value);
    if ('code' in found) return found;
    const { orderId, status } = found;
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: {
        order_id: orderId,
        number: found.number,
        status,
        confirmation_url: confirmationUrl(deps, orderId, deps.orderKeys.keyOf(orderId)),
      },
    };
  },
});

async function trackByForm(deps: HttpDependencies, context: RequestContext, form: URLSearchParams) {
  const fields = typedFields(form);
  const { data, error } = trackingFormSchema.safeParse(fields);
  if (error !== undefined) {
    const errors: Partial<Record<TrackingField, string>> = {};
    for (const { field, code, detail } of mistakesOf(error.issues, fields))
      if (isTrackingField(field)) errors[field] = code === 'guessable_zip_code' ? detail : wrongWords[field];
    return formPage(deps, 422, form, { errors, notice: null });
  }
  const found = await findOrder(deps, context, data).catch((fault: unknown) => keepForm(deps, form, fault));
  if ('code' in found) return refusedForm(deps, form, found);
  const key = deps.orderKeys.keyOf(found.orderId);
  return {
    status: 303,
    headers: {
      ...placedHeaders(deps, context, found.orderId, key),
      location: confirmationUrl(deps, found.orderId, key),
    },
  } as const;
}

interface Asked {
  readonly number: number;
  readonly zip_or_email: OrderProof;
}

const notFoundWords = 'There is no order with this number and this ZIP code or email.';

/** Counts the try; a found order has a line in the log, without the proof. A try that the store could not answer is not counted. */
async function findOrder(
  deps: HttpDependencies,
  context: RequestContext,
  asked: Asked,
): Promise<Order | Problem<'order_not_found' | 'rate_limited'>> {
  const found = await findWithinLimits(deps, context, asked);
  const { access } = deps.metrics;
  if ('code' in found) {
    access.countTracking(found.code === 'rate_limited' ? 'limited' : 'not_found');
  } else {
    access.countTracking('found');
    const fields = { order_id: found.orderId, request_id: context.requestId };
    deps.log.info(fields, 'order found by its number');
  }
  return found;
}

async function findWithinLimits(
  deps: HttpDependencies,
  context: RequestContext,
  asked: Asked,
): Promise<Order | Problem<'order_not_found' | 'rate_limited'>> {
  const { byAddress, byNumber } = deps.limits.tracking;
  const ofAddress = byAddress.take(limitedAddress(clientAddress(deps, context)));
  if (ofAddress.problem !== null) return ofAddress.problem;
  const ofNumber = byNumber.take(String(asked.number));
  if (ofNumber.problem !== null) return ofNumber.problem;
  const history = await deps.store.findHistoryByNumber(asked.number);
  return history !== null && provesOrder(asked.zip_or_email, history)
    ? orderAt(history)
    : { code: 'order_not_found', detail: notFoundWords };
}

function refusedForm(
  deps: HttpDependencies,
  form: URLSearchParams,
  { code, headers = {} }: Problem<'order_not_found' | 'rate_limited'>,
) {
  if (code === 'order_not_found') {
    const notice = `${notFoundWords} Please check both. If you gave no email, use the ZIP code.`;
    return formPage(deps, 404, form, { errors: {}, notice });
  }
  const seconds = headers['retry-after'] ?? '';
  const notice = `There were too many tries. Please try again in ${waitWords(Number(seconds))}, or use the link that came with your order.`;
  const page = formPage(deps, 429, form, { errors: {}, notice });
  const { ratelimit = '', 'ratelimit-policy': policy = '' } = headers;
  return {
    ...page,
    headers: { ...page.headers, 'retry-after': seconds, ratelimit, 'ratelimit-policy': policy },
  } as const;
}

/** An outage must not cost what was typed. */
function keepForm(deps: HttpDependencies, form: URLSearchParams, fault: unknown): never {
  if (!(fault instanceof StoreUnavailableError)) throw fault;
  const notice = 'We can’t reach our order book right now. Please try again in a moment.';
  const page = formPage(deps, 503, form, { errors: {}, notice });
  const headers = { ...page.headers, 'retry-after': String(retryAfterSeconds) };
  throw new AnsweredFault({ ...page, headers }, fault);
}

function formPage<const Status extends number>(
  { basePath }: HttpDependencies,
  status: Status,
  form: URLSearchParams,
  told: Pick<TrackingPageView, 'errors' | 'notice'>,
) {
  const page = renderTrackingPage({ basePath, values: typedFields(form), ...told });
  return { status, headers: { 'cache-control': 'no-store' }, page } as const;
}

const wrongWords: Readonly<Record<TrackingField, string>> = {
  number: 'Enter the number of your order, such as 1047.',
  zip_or_email: 'Enter a ZIP code such as 78701, or an address such as name@example.com.',
};

function isTrackingField(name: string): name is TrackingField {
  return trackingFields.some((field) => field === name);
}

function typedFields(form: URLSearchParams): Readonly<Record<TrackingField, string>> {
  return { number: form.get('number') ?? '', zip_or_email: form.get('zip_or_email') ?? '' };
}

export const trackingEndpoints = [showTracking, trackOrder];
