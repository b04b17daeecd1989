/** The colours and letters of the style sheet, for a canvas, which knows nothing of either. */

const tokens = /** @type {const} */ ([
  'accent',
  'danger',
  'danger-soft',
  'edge',
  'good',
  'information',
  'ink',
  'ink-soft',
  'line',
  'on-accent',
  'sunk',
  'surface',
  'warning',
]);

/** @typedef {Record<typeof tokens[number] | 'font' | 'boldFont', string>} Palette */

/**
 * As they are now: they change with the theme, and on paper.
 * @returns {Palette}
 */
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const family = style.getPropertyValue('--font').trim() || 'sans-serif';
  const colours = Object.fromEntries(
    tokens.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
  return /** @type {Palette} */ ({ ...colours, font: `12px ${family}`, boldFont: `bold 11px ${family}` });
}

/**
 * Calls back when the theme changes, or a page is about to be put on paper and comes back from there.
 * @param {() => void} onChange
 */
export function watchTheme(onChange) {
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', 'print'].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', onChange);
}
