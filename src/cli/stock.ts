/** `nozama stock`: what comes in, what is found to be more or less, and the ledger of both. */

import { movementWords } from '../domain/movement-words.ts';
import { skuPattern } from '../domain/product.ts';
import { movementTextLengthMax, normalizeProductText, productTextProblem } from '../domain/product-text.ts';
import { adjustmentReasons, type MovementReason, type StockMovement } from '../domain/stock-movement.ts';
import { databaseAt } from '../storage/engines.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { auditOriginOfCommand } from './command-line-audit.ts';
import { grouped } from './figures.ts';
import { loadConfig } from './load-config.ts';

const usage = `Receives stock, adjusts it, and lists its movements.

Usage: nozama stock receive SKU UNITS [--reference TEXT] [--note TEXT]
       nozama stock adjust SKU UNITS --reason ${adjustmentReasons.join('|')} [--reference TEXT] [--note TEXT]
       nozama stock movements SKU [--before NUMBER]

receive adds UNITS that came in. adjust adds or takes away: damage and theft take away, found adds, count does either
(+3 or -3). There are never fewer than 0 on hand.

With a --reference, such as the number of a delivery note, the same movement is made once, however often it is asked
for. movements lists the newest 100; --before goes on below a number of the list.

Exit codes: 0 done, or done before by its reference; 1 not possible; 2 wrong arguments or configuration.
`;

/** Movements on a page of the list. */
const pageSize = 100;

export const command: Command = {
  usage,
  options: {
    reason: { type: 'string' },
    reference: { type: 'string' },
    note: { type: 'string' },
    before: { type: 'string' },
  },
  positionals: ['receive|adjust|movements', 'SKU', 'UNITS'],
  async run({ values, positionals: [action, sku, units] }) {
    if (sku !== undefined && !skuPattern.test(sku))
      throw new UsageError('A SKU has 1 to 64 lower-case letters, digits and hyphens.');
    if (action === 'movements') {
      if (sku === undefined || units !== undefined)
        throw new UsageError('nozama stock movements needs a SKU.');
      refuseOthers(values, 'movements', ['before']);
      const before = readBefore(values['before']);
      return withStore((store) => listMovements(store, sku, before));
    }
    if (action !== 'receive' && action !== 'adjust')
      throw new UsageError('nozama stock needs receive, adjust or movements.');
    if (sku === undefined || units === undefined)
      throw new UsageError(`nozama stock ${action} needs a SKU and a number of units.`);
    refuseOthers(
      values,
      action,
      action === 'receive' ? ['reference', 'note'] : ['reason', 'reference', 'note'],
    );
    const reason = action === 'receive' ? 'receipt' : readReason(values['reason']);
    const movement: StockMovement = {
      sku,
      units: readUnits(units, reason),
      reason,
      note: readText(values, 'note'),
      reference: readText(values, 'reference'),
      actor: 'cli',
      atMs: Date.now(),
    };
    return withStore((store) => move(store, movement));
  },
};

function refuseOthers(values: CommandArguments['values'], action: string, taken: readonly string[]): void {
  const other = Object.keys(values).find((name) => !taken.includes(name));
  if (other !== undefined) throw new UsageError(`nozama stock ${action} has no option --${other}.`);
}

function readReason(given: string | boolean | undefined): MovementReason {
  const reason = adjustmentReasons.find((each) => each === given);
  if (reason === undefined) throw new UsageError(`--reason must be one of ${adjustmentReasons.join(', ')}.`);
  return reason;
}

/** For damage and theft a number without a sign is what was lost. */
function readUnits(typed: string, reason: MovementReason): number {
  if (!/^[+-]?\d{1,15}$/.test(typed)) throw new UsageError('UNITS must be a whole number.');
  const units = Number(typed);
  return (reason === 'damage' || reason === 'theft') && /^\d/.test(typed) ? -units : units;
}

function readText(values: CommandArguments['values'], name: 'note' | 'reference'): string | null {
  const given = values[name];
  if (typeof given !== 'string') return null;
  const text = normalizeProductText(given);
  if (productTextProblem(text, movementTextLengthMax) !== null)
    throw new UsageError(`--${name} must be one line of 1 to ${movementTextLengthMax} characters.`);
  return text;
}

function readBefore(given: string | boolean | undefined): number | null {
  if (given === undefined) return null;
  if (typeof given !== 'string' || !/^[1-9]\d{0,14}$/.test(given))
    throw new UsageError('--before must be a number of the list.');
  return Number(given);
}

async function withStore(use: (store: OrderStore) => Promise<number>): Promise<number> {
  const { databaseUrl, engineSettings } = loadConfig();
  const store = await databaseAt(databaseUrl, engineSettings).open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function move(store: OrderStore, movement: StockMovement): Promise<number> {
  const { atMs, sku, units } = movement;
  const change = { atMs, products: [], movements: [movement], onlyIfEmpty: false, isTrial: false };
  const outcome = await store.changeCatalog(change, auditOriginOfCommand());
  if (outcome.kind !== 'changed') {
    const problem = outcome.kind === 'refused' ? outcome.problems[0] : undefined;
    process.stderr.write(`${problem === undefined ? outcome.kind : movementWords(problem, movement)}\n`);
    return 1;
  }
  const [{ effect, onHand } = { effect: 'moved', onHand: 0 }] = outcome.movements;
  const done = `${units > 0 ? '+' : ''}${grouped(units)} ${sku}`;
  process.stdout.write(
    effect === 'moved'
      ? `${done}: ${grouped(onHand)} on hand.\n`
      : `${done} was made before under this reference: ${grouped(onHand)} on hand, nothing changed.\n`,
  );
  return 0;
}

async function listMovements(store: OrderStore, sku: string, before: number | null): Promise<number> {
  const product = await store.findProduct(sku);
  if (product === null) {
    process.stderr.write(`There is no product ${sku}. nozama catalog export lists all.\n`);
    return 1;
  }
  const { movements, hasMore } = await store.listStockMovements(sku, before, pageSize);
  for (const { movementId, units, reason, note, reference, actor, atMs } of movements) {
    const cells = [movementId, new Date(atMs).toISOString(), units > 0 ? `+${units}` : units, reason, actor];
    process.stdout.write(`${[...cells, reference ?? '', note ?? ''].join('\t').trimEnd()}\n`);
  }
  const rest = hasMore ? ` More: --before ${movements.at(-1)?.movementId}.` : '';
  process.stdout.write(`${grouped(product.onHand)} on hand.${rest}\n`);
  return 0;
}
