/** What stands around one chart: its name, its legend with the values, its table. */
import { summarize } from './chart-data.js';
import { element, lineSwatch } from './chart-element.js';
import { formatClock } from './chart-kinds.js';

/** @typedef {import('./chart-kinds.js').ChartKind} ChartKind */

const noValue = '–';

/**
 * @param {ChartKind} kind
 * @param {(isLog: boolean) => void} onScale
 */
export function createFrame(kind, onScale) {
  const plot = element('div', 'chart-plot');
  const values = kind.lines.map(() => element('span', 'chart-value', noValue));
  const moment = element('span', 'chart-moment');
  const legend = element(
    'ul',
    'chart-legend',
    ...kind.lines.map((line, index) =>
      element('li', '', lineSwatch(line), element('span', 'chart-label', line.label), values[index] ?? ''),
    ),
  );
  const unit = kind.rightUnit === null ? kind.unit : `${kind.unit}, ${kind.rightUnit} on the right`;
  const title = element('h3', '', kind.title, ' ', element('span', 'eyebrow', `${unit}, `, moment));
  const head = element('figcaption', 'chart-head', title);
  if (kind.hasLogScale) head.append(scaleSwitch(onScale));
  const table = createTable(kind);
  const figure = element('figure', 'card chart', head, legend, plot, table.details);
  return {
    figure,
    plot,
    /**
     * @param {(number | null)[][]} columns
     * @param {number | null} index of the sample whose values are shown; null: the values shown at rest
     * @param {'latest' | 'mean'} atRest
     */
    showValues(columns, index, atRest) {
      const second = index === null ? null : (columns[0]?.[index] ?? null);
      setText(moment, second === null ? atRest : `at ${formatClock(second)}`);
      for (let i = 0; i < values.length; i += 1) {
        const column = columns[i + 1] ?? [];
        const value =
          index !== null
            ? (column[index] ?? null)
            : atRest === 'mean'
              ? summarize(column).mean
              : (column.at(-1) ?? null);
        setText(values[i], value === null ? noValue : (kind.lines[i]?.format(value) ?? ''));
      }
    },
    showTable: table.show,
  };
}

/** @param {(isLog: boolean) => void} onScale */
function scaleSwitch(onScale) {
  const input = element('input', '');
  input.type = 'checkbox';
  input.addEventListener('change', () => onScale(input.checked));
  return element('label', 'chart-switch', input, ' Logarithmic');
}

/** @param {ChartKind} kind */
function createTable(kind) {
  const rows = kind.lines.map((line) => {
    const cells = ['', '', '', ''].map(() => element('td', '', noValue));
    const name = element('th', '', line.label);
    name.scope = 'row';
    return { cells, row: element('tr', '', name, ...cells) };
  });
  const header = ['Line', 'Latest', 'Least', 'Mean', 'Most'].map((text) => {
    const cell = element('th', '', text);
    cell.scope = 'col';
    return cell;
  });
  const table = element(
    'table',
    'figures',
    element('caption', '', `${kind.title}, ${kind.unit}`),
    element('thead', '', element('tr', '', ...header)),
    element('tbody', '', ...rows.map(({ row }) => row)),
  );
  const details = element('details', 'chart-table', element('summary', '', 'As a table'), table);
  /** @type {(number | null)[][]} */
  let latest = [];
  const fill = () => {
    for (let i = 0; i < rows.length; i += 1) {
      const { latest: last, min, mean, max } = summarize(latest[i + 1] ?? []);
      const shown = [last, min, mean, max];
      for (let k = 0; k < shown.length; k += 1) {
        const value = shown[k] ?? null;
        setText(rows[i]?.cells[k], value === null ? noValue : (kind.lines[i]?.format(value) ?? ''));
      }
    }
  };
  details.addEventListener('toggle', () => details.open && fill());
  return {
    details,
    /** @param {(number | null)[][]} columns */
    show(columns) {
      latest = columns;
      if (details.open) fill();
    },
  };
}

/**
 * Only what changes is touched.
 * @param {Element | undefined} target
 * @param {string} text
 */
function setText(target, text) {
  if (target !== undefined && target.textContent !== text) target.textContent = text;
}
