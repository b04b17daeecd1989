/** Tabs by mouse and keyboard (WAI-ARIA: arrows, Home, End); the chosen one is in the address. */
import { pageElement } from './elements.js';

/** @type {HTMLElement[]} */
const tabs = Array.from(document.querySelectorAll('[role="tab"]'));

/** @param {string} name such as `drills` */
function showTab(name) {
  for (const tab of tabs) {
    const isChosen = tab.id === `tab-${name}`;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    const panel = pageElement(tab.getAttribute('aria-controls') ?? '', HTMLElement);
    if (panel.hidden === isChosen) panel.hidden = !isChosen;
    if (isChosen) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  history.replaceState(null, '', `#${name}`);
}

/**
 * @param {string} name
 * @param {number} value none is shown for 0
 */
export function countOnTab(name, value) {
  const badge = pageElement(`tab-${name}-count`, HTMLElement);
  badge.hidden = value === 0;
  const text = value > 99 ? '99+' : String(value);
  if (badge.textContent !== text) badge.textContent = text;
}

export function startTabs() {
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => showTab(nameOf(tab)));
    tab.addEventListener('keydown', (event) => {
      const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const chosen = tabs.at(next % tabs.length);
      if (chosen === undefined) return;
      showTab(nameOf(chosen));
      chosen.focus();
    });
  });
  const asked = tabs.find((tab) => nameOf(tab) === location.hash.slice(1));
  if (asked !== undefined) showTab(nameOf(asked));
}

/** @param {HTMLElement} tab */
function nameOf(tab) {
  return tab.id.slice('tab-'.length);
}
