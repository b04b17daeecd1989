/** The metrics of catalogue and stock: what this process has changed. Commands of `nozama` are other processes. */
import { Counter, type Registry } from 'prom-client';
import type { CatalogChange, CatalogOutcome } from '../domain/decide-catalog.ts';
import { movementReasons } from '../domain/stock-movement.ts';

export interface CatalogMetrics {
  /** Counts what was made; a trial makes nothing. */
  changed(change: CatalogChange, outcome: CatalogOutcome): void;
  /** Lines of a list that was read to its end, or to its first mistakes. */
  countImportLines(outcome: 'taken' | 'refused', lines: number): void;
}

export function createCatalogMetrics(registers: Registry[]): CatalogMetrics {
  const products = new Counter({
    name: 'nozama_product_changes_total',
    help: 'Products that were added or changed.',
    labelNames: ['effect'],
    registers,
  });
  const movements = new Counter({
    name: 'nozama_stock_movements_total',
    help: 'Movements of stock that were made, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const importLines = new Counter({
    name: 'nozama_import_lines_total',
    help: 'Lines of lists of products that were imported, or refused.',
    labelNames: ['outcome'],
    registers,
  });
  // A series that begins above 0 shows no increase.
  for (const effect of ['added', 'changed']) products.inc({ effect }, 0);
  for (const reason of movementReasons) movements.inc({ reason }, 0);
  for (const outcome of ['taken', 'refused']) importLines.inc({ outcome }, 0);
  return {
    changed(change, outcome) {
      if (change.isTrial || outcome.kind !== 'changed') return;
      for (const { effect } of outcome.products) if (effect !== 'unchanged') products.inc({ effect });
      for (const [index, { effect }] of outcome.movements.entries()) {
        const reason = change.movements[index]?.reason;
        if (effect !== 'repeated' && reason !== undefined) movements.inc({ reason });
      }
    },
    countImportLines: (outcome, lines) => importLines.inc({ outcome }, lines),
  };
}
