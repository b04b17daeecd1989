/** The form that searches the catalogue. Without scripts it asks for a page; with them it answers as one types. */
import { type Html, html } from '../html.ts';
import { foundWords, type ListingSearch, listingParameters } from './listing.ts';

const sortWords = { name: 'Name', newest: 'Newest', cheapest: 'Lowest price' } as const;

/** The longest question, in UTF-16 units, as the service takes it. */
const questionMax = 200;

/** On a narrow page the form is far above what it finds, and has a link there. */
export function finder(basePath: string, count: number, search: ListingSearch): Html {
  const { question, category, sort, categories } = search;
  const option = (value: string, text: string, isChosen: boolean) =>
    html`<option value="${value}"${isChosen && html` selected`}>${text}</option>`;
  const isListed = category === '' || categories.includes(category);
  return html`<form class="finder" id="finder" role="search" aria-label="Products" method="get" action="${basePath}/#counter-title">
<div class="field finder-question"><label for="find-question">Find a product</label>
<input class="input" type="search" id="find-question" name="${listingParameters.question}" value="${question}" maxlength="${questionMax}" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="search"></div>
<div class="field"><label for="find-category">Category</label>
<select class="input" id="find-category" name="${listingParameters.category}" autocomplete="off">${option('', 'All', category === '')}
${!isListed && option(category, category, true)}${categories.map((one) => option(one, one, one === category))}</select></div>
<div class="field"><label for="find-sort">Sort by</label>
<select class="input" id="find-sort" name="${listingParameters.sort}" autocomplete="off">${Object.entries(
    sortWords,
  ).map(([value, text]) => option(value, text, value === sort))}</select></div>
<button type="submit" class="button">Search</button>
<p class="found-link" id="found-link" role="status"><a href="#counter-title">${foundWords(count, search)}</a></p>
</form>`;
}
