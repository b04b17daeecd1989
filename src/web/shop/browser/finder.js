/**
 * The search of a large catalogue, as one types. It asks for the very page that the form would lead to without scripts,
 * and puts its cards in the place of those here; the order beside them stays as it is.
 */
import { learnProducts } from './known-products.js';
import { pageElement } from './page-element.js';

/** Milliseconds after the last letter. */
const typingPauseMs = 150;

/** Milliseconds. */
const answerWaitMs = 10_000;

/** Of the cards so much must be seen that one knows that they are there. */
const cardsInSightPx = 160;

/** The parts of the page that an answer brings. */
const parts = ['found', 'found-link', 'cards', 'nothing-found', 'pager'];

const noAnswer = 'The search got no answer. Check your connection, and try again.';

/** @param {() => void} onShown called when other cards are there */
export function openFinder(onShown) {
  const found = document.getElementById('finder');
  if (!(found instanceof HTMLFormElement)) return;
  const form = found;
  let pause = 0;
  let last = new AbortController();

  /**
   * The newest answer wins: an older question is given up.
   * @param {string} url
   * @param {'replace' | 'append'} manner
   */
  async function show(url, manner) {
    last.abort();
    const asking = new AbortController();
    last = asking;
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(answerWaitMs)]);
    try {
      const response = await fetch(url, { headers: { Accept: 'text/html' }, signal });
      if (!response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (asking.signal.aborted) return;
      learnProducts(page);
      const firstNew = takeOver(page, manner);
      onShown();
      if (manner === 'append') firstNew?.querySelector('a')?.focus();
      else history.replaceState(history.state, '', url);
    } catch {
      if (asking.signal.aborted) return;
      for (const id of ['found', 'found-link']) pageElement(id, HTMLElement).textContent = noAnswer;
    }
  }

  function search() {
    clearTimeout(pause);
    return show(addressOf(form), 'replace');
  }

  form.addEventListener('input', ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(search, target instanceof HTMLSelectElement ? 0 : typingPauseMs);
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await search();
    const title = pageElement('counter-title', HTMLElement);
    // On a phone the cards are far below; beside the form they are in sight already.
    if (title.getBoundingClientRect().top > innerHeight - cardsInSightPx) title.scrollIntoView();
    title.focus({ preventScroll: true });
  });
  pageElement('pager', HTMLElement).addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest('#next-page') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    show(link.href, 'append');
  });
}

/** @param {HTMLFormElement} form */
function addressOf(form) {
  const url = new URL(form.action);
  url.hash = '';
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value.trim() !== '') url.searchParams.set(name, value);
  }
  return url.href;
}

/**
 * @param {Document} page
 * @param {'replace' | 'append'} manner
 * @returns {Element | null} the first of the cards that were added
 */
function takeOver(page, manner) {
  const added = Array.from(page.getElementById('cards')?.children ?? []);
  for (const id of parts) {
    const here = pageElement(id, HTMLElement);
    const there = Array.from(page.getElementById(id)?.childNodes ?? []);
    if (manner === 'append' && id === 'cards') here.append(...there);
    else here.replaceChildren(...there);
  }
  return added[0] ?? null;
}
