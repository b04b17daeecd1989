import { renderProblemPage } from '../../web/problem/problem-page.ts';
import type { ProblemForm } from '../endpoint.ts';
import { type Problem, type ProblemCode, problems, retryAfterSeconds } from '../problem-details.ts';
import type { Reply } from '../reply.ts';
import { formPreferenceOf } from '../request/content-negotiation.ts';
import type { RequestContext } from '../request/request-context.ts';

/** The words of a problem for a shopper, where they differ from those for a programmer. */
const pageWords: Partial<Readonly<Record<ProblemCode, { title: string; detail: string }>>> = {
  route_not_found: { title: 'This page does not exist', detail: 'Please check the address for typos.' },
  order_not_found: {
    title: 'We have no such order',
    detail: 'Please check the link: an order’s address is long, and all of it counts.',
  },
  key_required: {
    title: 'This needs the link of your order',
    detail: 'Open the link that came with your order, or find the order by its number.',
  },
  rate_limited: {
    title: 'That was very often',
    detail: 'So many requests in so short a time are more than we take.',
  },
  store_unavailable: {
    title: 'We can’t reach our order book',
    detail: 'No order is lost, and nothing was charged twice.',
  },
  overloaded: { title: 'The shop is very full', detail: 'Your order was not taken yet.' },
  internal_error: { title: 'Something broke on our side', detail: 'We have made a note of it.' },
};

export function wantsPage(form: ProblemForm, { headers }: Request): boolean {
  if (form === 'json') return false;
  const preference = formPreferenceOf(headers);
  return preference === 'page' || (preference === 'either' && form === 'page_unless_json');
}

export function problemPageReply(basePath: string, problem: Problem, context: RequestContext): Reply {
  const { status, ...own } = problems[problem.code];
  const { title, detail } = pageWords[problem.code] ?? { ...own, detail: problem.detail ?? own.detail };
  const told = problem.headers?.['retry-after'];
  const retryAfter = told !== undefined ? Number(told) : status === 503 ? retryAfterSeconds : null;
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      vary: 'Accept',
      ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
      ...problem.headers,
    },
    page: renderProblemPage({
      basePath,
      status,
      title,
      detail,
      requestId: context.requestId,
      retryAfterSeconds: retryAfter,
      leadsToTracking: problem.code === 'order_not_found' || problem.code === 'key_required',
    }),
  };
}
