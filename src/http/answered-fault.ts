import type { Reply } from './reply.ts';

/** A fault that a handler has a better answer to than the app: it is logged like any other. */
export class AnsweredFault extends Error {
  override readonly name = 'AnsweredFault';
  readonly reply: Reply;
  constructor(reply: Reply, cause: unknown) {
    super('the answer keeps what was sent', { cause });
    this.reply = reply;
  }
}
