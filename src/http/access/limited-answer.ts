/** Answers a request within the rate limits, see `request-limits.ts`. */
import { anyone, type Caller, isRecalled } from '../../access/caller.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { isProblem, type Problem } from '../problem-details.ts';
import type { Reply } from '../reply.ts';
import { clientAddress } from '../request/client-connection.ts';
import type { RequestContext } from '../request/request-context.ts';
import { type LimitHeaders, limitedAddress } from '../request/request-limits.ts';
import { type Admit, presentsKey } from './access-gate.ts';

type Answer = Reply | Problem;

export interface LimitedAnswer {
  /** Null where every client may call as `anyone`. */
  readonly admit: Admit | null;
  /** Lets a caller in by its key as it is now; null where `admit` does. */
  readonly readKey: Admit | null;
  readonly answer: (context: RequestContext, caller: Caller) => Answer | Promise<Answer>;
  readonly refuse: (problem: Problem) => Problem;
}

export function answerWithinLimits(
  deps: Pick<HttpDependencies, 'limits' | 'trustProxy'>,
  { admit, readKey, answer, refuse }: LimitedAnswer,
): (context: RequestContext) => Promise<Answer> {
  const { byKey, byAddress, byRefusedKey } = deps.limits;
  return async (context) => {
    const address = limitedAddress(clientAddress(deps, context));
    // Else others at the same address could lock out a valid key without having one.
    const unlessKey = admit !== null && presentsKey(context) ? byRefusedKey : byAddress;
    const before = unlessKey?.look(address).problem ?? null;
    if (before !== null) return refuse(before);
    const count = (caller: Caller | Problem) =>
      !isProblem(caller) && caller.kind === 'key' ? byKey?.take(caller.keyId) : unlessKey?.take(address);
    let caller = admit === null ? anyone : await admit(context);
    let counted = count(caller);
    if (counted?.problem != null && readKey !== null && !isProblem(caller) && isRecalled(caller)) {
      // A revoked key is told so, also when its requests are used up.
      caller = await readKey(context);
      if (isProblem(caller)) counted = count(caller);
    }
    if (counted?.problem != null) return refuse(counted.problem);
    const given = isProblem(caller) ? refuse(caller) : await answer(context, caller);
    return counted === undefined ? given : withHeaders(given, counted.headers);
  };
}

/** Counts for the address when nothing is found, so that nobody searches without end. */
export function countMiss(
  deps: Pick<HttpDependencies, 'limits' | 'trustProxy'>,
  context: RequestContext,
  answer: Answer,
): Answer {
  if (!isProblem(answer) || answer.code !== 'route_not_found') return answer;
  const counted = deps.limits.byAddress?.take(limitedAddress(clientAddress(deps, context)));
  return counted === undefined ? answer : (counted.problem ?? withHeaders(answer, counted.headers));
}

function withHeaders(answer: Answer, headers: LimitHeaders): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
