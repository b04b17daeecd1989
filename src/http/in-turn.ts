/** A request that reads waits when the turn of the event loop is full; one that places an order never does. */
import type { HttpDependencies } from './dependencies.ts';
import type { Reply } from './reply.ts';
import type { AnswerRequest } from './serve-endpoint.ts';

/** nginx's status for a client that has closed its connection; it is never sent. */
const clientGone: Reply = { status: 499 };

/**
 * The handler of a request that reads: it begins in a turn that has time left.
 * @param isNeverBusy whether it is answered at once, instead of refused, when too many requests wait
 */
export function inTurn(
  { turns, loopLag }: Pick<HttpDependencies, 'turns' | 'loopLag'>,
  handle: AnswerRequest,
  isNeverBusy = false,
): AnswerRequest {
  return (context) => {
    const nowMs = performance.now();
    loopLag.look(nowMs);
    const turn = turns.admit(nowMs);
    if (turn === null) return handle(context);
    if (turn === 'full') return isNeverBusy ? handle(context) : { code: 'busy' };
    const { signal } = context.request;
    return turn.then(() => (signal.aborted ? clientGone : handle(context)));
  };
}
