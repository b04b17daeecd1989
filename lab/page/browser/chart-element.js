/**
 * An element with its class and children; text is text, never HTML.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svgElement(name, attributes, ...children) {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/**
 * A short piece of a line as it is drawn in the chart, for its legend.
 * @param {{ tone: string, dash: readonly number[], width: number }} line
 */
export function lineSwatch({ tone, dash, width }) {
  const line = svgElement('line', {
    x1: 1,
    x2: 27,
    y1: 6,
    y2: 6,
    class: `tone-${tone}`,
    'stroke-width': width,
    'stroke-dasharray': dash.join(' '),
  });
  return svgElement(
    'svg',
    { class: 'chart-swatch', viewBox: '0 0 28 12', width: 28, height: 12, 'aria-hidden': 'true' },
    line,
  );
}
