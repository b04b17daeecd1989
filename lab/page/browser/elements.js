/**
 * The element with this id, which the page always has.
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type such as `HTMLInputElement`
 * @returns {E}
 */
export function pageElement(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} with the id ${id}`);
  return element;
}

/**
 * A new element; whatever text is put in stays text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ class?: string, title?: string } & Record<`aria-${string}` | `data-${string}` | 'scope' | 'href' | 'type' | 'id' | 'datetime', string | undefined> | {}} attributes
 * @param {...(string | Node)} content
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

/**
 * Changes an element only when it has to: a text that is set again would lose a selection in it.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes rows of a table body, as many as there are lines, and renews their words where they differ.
 * @param {HTMLTableSectionElement} body
 * @param {readonly (readonly string[])[]} lines the first of each is its heading
 */
export function setRows(body, lines) {
  while (body.rows.length > lines.length) body.deleteRow(-1);
  lines.forEach((line, index) => {
    const row = body.rows[index] ?? body.insertRow();
    line.forEach((text, column) => {
      const cell =
        row.cells[column] ?? row.appendChild(column === 0 ? make('th', { scope: 'row' }) : make('td'));
      setText(cell, text);
    });
  });
}
