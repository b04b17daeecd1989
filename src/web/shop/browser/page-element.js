/**
 * The element with this id, which the server's page always has.
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
