import type { Method } from '../runtime/listener.ts';
import type { Problem } from './problem-details.ts';
import type { Reply } from './reply.ts';
import type { RequestContext } from './request-context.ts';

/** A reply, or a problem that is shown as the caller prefers. */
export type Answer = Reply | Problem;

/** How problems of a route are shown to somebody who says nothing exact about it. */
export type ProblemForm = 'json' | 'page_if_wanted' | 'page_unless_json';

export interface AppRoute {
  readonly method: Method;
  readonly path: string;
  readonly problems: ProblemForm;
  readonly handle: (context: RequestContext) => Answer | Promise<Answer>;
}

/** A fault that a handler has a better answer to than the app: it is logged like any other. */
export class AnsweredFault extends Error {
  override readonly name = 'AnsweredFault';
  readonly reply: Reply;
  constructor(reply: Reply, cause: unknown) {
    super('the answer keeps what was sent', { cause });
    this.reply = reply;
  }
}

export function isProblem(answer: object): answer is Problem {
  return 'code' in answer;
}
