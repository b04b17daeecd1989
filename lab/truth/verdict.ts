/** The verdict in words. */
import type { CheckCounts } from './check-run.ts';
import type { FaultBook } from './fault-book.ts';
import type { Balance } from './stock-balance.ts';
import type { TruthVerdict } from './truth.ts';

export interface Findings {
  readonly counts: CheckCounts;
  readonly faults: FaultBook;
  /** Null when the stock could not be read. */
  readonly balance: Balance | null;
  /** Whether the outcome of every sent order is known. */
  readonly isAllKnown: boolean;
  readonly mayMissOrders: boolean;
  readonly hasOtherShoppers: boolean;
  /** Why the check ended early; null when it did not. */
  readonly overBecause: string | null;
}

export function verdictOf(findings: Findings): TruthVerdict {
  const { counts, faults, balance } = findings;
  const gaps = gapsOf(findings);
  const found = faults.faults();
  const isNothing = counts.entries === 0;
  const kind =
    found.length > 0 ? 'broken' : gaps.length > 0 ? 'unproven' : isNothing ? 'nothing' : ('kept' as const);
  return {
    kind,
    sentence: sentenceOf(kind, findings, gaps),
    acknowledged: counts.acknowledged,
    unknown: counts.unknown,
    unknownStoredBefore: counts.unknownStoredBefore,
    checked: counts.checked,
    stored: counts.stored,
    faults: found,
    stock: balance?.stock ?? [],
  };
}

function sentenceOf(kind: TruthVerdict['kind'], findings: Findings, gaps: readonly string[]): string {
  const { counts, balance, hasOtherShoppers } = findings;
  const settled = settledWords(counts);
  const unproven = gaps.length === 0 ? '' : ` Not proven: ${gaps.join('; ')}.`;
  switch (kind) {
    case 'nothing':
      return 'No order was placed.';
    case 'kept': {
      const stock = balance === null || balance.stock.length === 0 ? '' : '; stock agrees';
      return `${keptWords(counts.acknowledged, hasOtherShoppers)}${stock}.${settled}`;
    }
    case 'unproven': {
      const { acknowledged, stored } = counts;
      const looked =
        acknowledged === 0
          ? keptWords(0, hasOtherShoppers)
          : stored === acknowledged
            ? keptWords(acknowledged, hasOtherShoppers)
            : `${number(stored)} of ${number(acknowledged)} acknowledged orders are stored as acknowledged, and nothing was found wrong`;
      return `${looked}.${settled}${unproven}`;
    }
    case 'broken':
      return `${capitalized(brokenWords(findings).join('; '))}.${settled}${unproven}`;
  }
}

/**
 * @param isNamedHost one that the lab could not start again, so that what is read may be in memory only, and whose
 * database it does not recount, so that an order whose id was never answered is not seen
 */
function keptWords(acknowledged: number, isNamedHost: boolean): string {
  if (acknowledged === 0) return 'No order was acknowledged';
  const [one, all] = isNamedHost ? ['can be read', 'can be read'] : ['is stored, once,', 'are stored, once,'];
  if (acknowledged === 1) return `The one acknowledged order ${one} as acknowledged`;
  return `All ${number(acknowledged)} acknowledged orders ${all} as acknowledged`;
}

function settledWords(counts: CheckCounts): string {
  const { unknown, unknownStoredBefore, unknownPlacedNow, unknownRefused } = counts;
  if (unknown === 0) return '';
  const parts = [
    `${number(unknownStoredBefore)} ${was(unknownStoredBefore)} stored before`,
    `${number(unknownPlacedNow)} placed only when sent again`,
  ];
  if (unknownRefused > 0) parts.push(`${number(unknownRefused)} refused then`);
  return ` Of ${orders(unknown)} without a clear answer, ${listed(parts)}.`;
}

function brokenWords(findings: Findings): readonly string[] {
  const { faults, counts, isAllKnown } = findings;
  const balance = findings.hasOtherShoppers ? null : findings.balance;
  const of = counts.acknowledged < 2 ? '' : ` of ${number(counts.acknowledged)}`;
  const words: string[] = [];
  const say = (count: number, text: (count: number) => string) => {
    if (count > 0) words.push(text(count));
  };
  say(
    faults.count('lost'),
    (n) => `${number(n)}${of} acknowledged ${of === '' ? 'order' : 'orders'} ${is(n)} lost`,
  );
  say(faults.count('altered'), (n) => `${orders(n)} ${is(n)} other than acknowledged`);
  say(faults.count('not_as_sent'), (n) => `${orders(n)} ${is(n)} other than sent`);
  say(faults.count('doubled'), (n) => `${number(n)} times one key got two orders, or two keys got one`);
  say(
    faults.count('oversold'),
    (n) => `${products(n)} ${was(n)} sold beyond ${n === 1 ? 'its' : 'their'} stock`,
  );
  say(balance?.takenLess.length ?? 0, (n) => `of ${products(n)} less was taken from stock than was sold`);
  say(
    isAllKnown ? (balance?.takenMore.length ?? 0) : 0,
    (n) => `of ${products(n)} more was taken from stock than was sold here`,
  );
  return words;
}

/** Why orders that were not found may still be there. */
function gapsOf(findings: Findings): readonly string[] {
  const { counts, balance, isAllKnown, mayMissOrders, hasOtherShoppers, overBecause } = findings;
  const gaps: string[] = [];
  const { acknowledged, checked, unsettled, cutOff, damaged } = counts;
  const because = overBecause ?? counts.unclear ?? 'there was no clear answer';
  const unread = acknowledged - checked;
  if (counts.entries > 0 && acknowledged === 0 && counts.unknown === 0)
    gaps.push(`${orders(counts.entries)} ${was(counts.entries)} sent and none was acknowledged`);
  if (unread > 0) gaps.push(`${orders(unread)} could not be read (${because})`);
  if (unsettled > 0) gaps.push(`${orders(unsettled)} could not be settled (${because})`);
  if (unread + unsettled === 0 && (overBecause ?? counts.unclear) !== null)
    gaps.push(`not every order could be sent again (${because})`);
  if (balance === null) gaps.push(`the stock could not be read (${because})`);
  if (cutOff > 0)
    gaps.push(
      `${cutOff === 1 ? 'one ledger file is' : `${cutOff} ledger files are`} cut off in the last line, as when a worker is killed, so not all that was sent is known`,
    );
  if (mayMissOrders && counts.entries > 0)
    gaps.push('the load did not end as it should, so not every sent order is known');
  if (damaged > 0)
    gaps.push(`${number(damaged)} ${damaged === 1 ? 'line' : 'lines'} of the ledger cannot be read`);
  if (balance !== null && balance.untold.length > 0)
    gaps.push(`the stock of ${balance.untold.slice(0, 3).join(', ')} is not listed before and after`);
  const differ =
    balance === null
      ? 0
      : balance.takenMore.length +
        balance.takenLess.length +
        balance.oversold.filter(({ after }) => after >= 0).length;
  if (hasOtherShoppers && differ > 0)
    gaps.push(
      `the stock of ${products(differ)} changed by more or less than was sold here, for example because another client buys there`,
    );
  if (balance !== null && !hasOtherShoppers && !isAllKnown && balance.takenMore.length > 0)
    gaps.push(`of ${products(balance.takenMore.length)} more was taken from stock than is known to be sold`);
  return gaps;
}

const number = (value: number) => value.toLocaleString('en');
const orders = (count: number) => `${number(count)} ${count === 1 ? 'order' : 'orders'}`;
const products = (count: number) => `${number(count)} ${count === 1 ? 'product' : 'products'}`;
const is = (count: number) => (count === 1 ? 'is' : 'are');
const was = (count: number) => (count === 1 ? 'was' : 'were');
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
