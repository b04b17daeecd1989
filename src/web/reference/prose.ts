/** Text of the document, and code, as HTML. */
import { type Html, html } from '../html.ts';

/** Descriptions are plain text or light Markdown; blank lines part paragraphs. */
export function paragraphs(text: string | undefined): readonly Html[] {
  if (text === undefined) return [];
  return text.split(/\n\s*\n/).map((paragraph) => html`<p>${lightMarkdown(paragraph)}</p>`);
}

/** Backticks mark code; everything else is as it is. */
export function lightMarkdown(text: string): readonly (Html | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** The copy button is made by a script; without one, the text can be selected. */
export function codeBlock(code: string, label: string): Html {
  return html`<figure class="code"><figcaption>${label}</figcaption>
<pre tabindex="0" aria-label="${label}"><code>${code}</code></pre></figure>`;
}
