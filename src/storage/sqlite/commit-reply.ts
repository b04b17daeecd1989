/**
 * The outcomes of a commit on their way from the writing thread to the serving one, as JSON.
 *
 * Nearly all are placed orders, and of those the other side knows all but what the catalogue says, so only
 * that crosses: `[number, name, price, name, price, …]`. Anything else crosses whole, as an object. That
 * takes a quarter or less of the time of the whole orders (decision 2).
 */
import { type Command, isStep, orderOf } from '../../domain/decide-batch.ts';
import type { OrderLine } from '../../domain/order.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Submission } from '../../domain/submission.ts';

type PlacedReply = readonly (number | string)[];
type Reply = PlacedReply | Exclude<Outcome, { readonly kind: 'placed' }>;

export function encodeOutcomes(outcomes: readonly Outcome[]): string {
  return JSON.stringify(outcomes.map(encodeOutcome));
}

function encodeOutcome(outcome: Outcome): Reply {
  if (outcome.kind !== 'placed') return outcome;
  const { number, lines } = outcome.order;
  const reply: (number | string)[] = [number];
  for (const { name, unitPriceCents } of lines) reply.push(name, unitPriceCents);
  return reply;
}

/** @param commands what was handed over, in the order of the outcomes */
export function decodeOutcomes(text: string, commands: readonly Command[]): readonly Outcome[] {
  const replies = JSON.parse(text) as readonly Reply[];
  return commands.map((command, i) => {
    const reply = replies[i];
    if (reply === undefined) throw new Error('the writing thread answered fewer outcomes than it was asked');
    if ('kind' in reply) return reply;
    if (isStep(command)) throw new Error('the writing thread answered a step with a placed order');
    return { kind: 'placed', order: decodePlaced(reply, command) };
  });
}

function decodePlaced(reply: PlacedReply, submission: Submission) {
  let totalCents = 0;
  const lines = submission.lines.map(({ sku, quantity }, i): OrderLine => {
    const unitPriceCents = Number(reply[2 + 2 * i]);
    // Exact: the decision refuses a sum that would not be.
    const lineTotalCents = unitPriceCents * quantity;
    totalCents += lineTotalCents;
    return { sku, name: String(reply[1 + 2 * i]), quantity, unitPriceCents, lineTotalCents };
  });
  return orderOf(submission, Number(reply[0]), lines, totalCents);
}
