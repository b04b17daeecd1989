/** The result of a run in words: the ledger's verdict, void figures, broken limits, a problem. */
import { make, pageElement, setText } from './elements.js';
import { count, percent } from './numbers.js';

/** @typedef {import('./lab-client.js').RunView} RunView */
/** @typedef {Omit<RunView, 'samples'>} Run */

const panel = pageElement('verdict', HTMLElement);
const sentence = pageElement('verdict-sentence', HTMLElement);
const more = pageElement('verdict-more', HTMLUListElement);
const progress = pageElement('checking', HTMLProgressElement);
const progressWords = pageElement('checking-words', HTMLElement);
const downloads = pageElement('verdict-downloads', HTMLElement);

const goingOn = {
  starting: 'The lab starts the service and reads its stock.',
  running: 'Every order that is answered is written down, and looked up when the run is over.',
  stopping: 'No new orders are sent; the lab waits for the answers under way.',
  checking: 'Every order that was answered is now looked up in the service.',
};

/** @param {Run} run */
export function showVerdict(run) {
  const { state, truth, problem, voidReasons, broken, checking } = run;
  /** @type {{ kind: 'bad' | 'void' | 'plain', text: string }[]} */
  const lines = [];
  const isOver = state === 'ended' || state === 'failed';
  if (truth !== null && problem !== null) lines.push({ kind: 'bad', text: problem });
  for (const fault of truth?.faults ?? []) lines.push({ kind: 'bad', text: faultWords(fault) });
  for (const text of broken) lines.push({ kind: 'bad', text: `Limit broken: ${text}` });
  // Last, so that nothing else seems to be a reason of it.
  if (voidReasons.length > 0) {
    lines.push({ kind: 'void', text: 'These figures are void:' });
    for (const reason of voidReasons) lines.push({ kind: 'bad', text: reason });
  }
  setText(
    sentence,
    truth?.sentence ??
      problem ??
      (isOver ? 'The run has ended.' : goingOn[/** @type {keyof typeof goingOn} */ (state)]),
  );
  panel.dataset['kind'] = kindOf(run);
  panel.toggleAttribute('data-void', voidReasons.length > 0);
  setLines(lines);
  showChecking(state === 'checking' ? (checking ?? { checked: 0, orders: 0 }) : null);
  downloads.hidden = !isOver;
  if (isOver && downloads.dataset['run'] !== run.id) {
    downloads.dataset['run'] = run.id;
    downloads.replaceChildren(...downloadLinks(run.id));
  }
}

/** @param {Run} run */
function kindOf({ truth, problem, state, broken }) {
  if (truth?.kind === 'broken') return 'danger';
  if (problem !== null) return 'danger';
  if (truth === null) return state === 'checking' ? 'checking' : 'none';
  if (truth.kind === 'unproven') return 'warning';
  if (broken.length > 0) return 'warning';
  return truth.kind === 'kept' ? 'good' : 'none';
}

/** @param {NonNullable<Run['truth']>['faults'][number]} fault */
function faultWords({ words, count: found, examples }) {
  const [example] = examples;
  return `${count(found)} ${words}${example === undefined ? '' : `; for example ${example}`}`;
}

/** @param {readonly { kind: string, text: string }[]} lines */
function setLines(lines) {
  const shown = Array.from(more.children, (item) => item.textContent);
  if (shown.length === lines.length && lines.every(({ text }, index) => text === shown[index])) return;
  more.replaceChildren(...lines.map(({ kind, text }) => make('li', { class: kind }, text)));
}

/** @param {{ checked: number, orders: number } | null} checking */
export function showChecking(checking) {
  progress.hidden = checking === null;
  progressWords.hidden = checking === null;
  if (checking === null) return;
  const { checked, orders } = checking;
  progress.max = Math.max(1, orders);
  progress.value = checked;
  setText(
    progressWords,
    orders === 0
      ? 'Reading the ledger …'
      : `${count(checked)} of ${count(orders)} orders, ${percent(checked, orders)}`,
  );
}

/** @param {string} sentence_ what could not be done */
export function showRefusal(sentence_) {
  setLines([{ kind: 'bad', text: sentence_ }]);
}

/** @param {string} id of a run */
export function downloadLinks(id) {
  const files = [
    ['report.html', 'Report'],
    ['samples.csv', 'CSV'],
    ['run.json', 'JSON'],
  ];
  return files.map(([file, words]) => {
    const link = make(
      'a',
      { class: 'download', href: `/api/runs/${encodeURIComponent(id)}/${file}` },
      words ?? '',
    );
    link.setAttribute('download', '');
    link.setAttribute('aria-label', `${words} of the run ${id}`);
    return link;
  });
}
