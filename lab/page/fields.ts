/** One field of the lab's forms: label, input, hint, and room for its error. */
import { type Html, html } from '../../src/web/html.ts';

export interface FieldOptions {
  /** Begins every id, as one form stands beside another with the same fields. */
  readonly form: string;
  /** As a mistake of the API names it, such as `pace.users`. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Shown after the label, such as `ms`. */
  readonly unit?: string;
  readonly placeholder?: string;
  readonly isText?: boolean;
  /** Shapes of arrivals that have it. */
  readonly shapes?: string;
}

function fieldId(form: string, name: string): string {
  return `${form}-${name.replaceAll('.', '-')}`;
}

export function inputField(options: FieldOptions): Html {
  const { form, name, isText = false, placeholder } = options;
  const id = fieldId(form, name);
  return fieldFrame(
    options,
    html`<input class="input" id="${id}" name="${name}" autocomplete="off" spellcheck="false" inputmode="${isText ? 'url' : 'decimal'}" placeholder="${placeholder ?? ''}" maxlength="500" aria-describedby="${describedBy(options)}">`,
  );
}

export function selectField(
  options: FieldOptions,
  choices: readonly (readonly [value: string, text: string])[],
): Html {
  return fieldFrame(
    options,
    html`<select class="input" id="${fieldId(options.form, options.name)}" name="${options.name}" aria-describedby="${describedBy(options)}">${choices.map(([value, text]) => html`<option value="${value}">${text}</option>`)}</select>`,
  );
}

function fieldFrame(options: FieldOptions, control: Html): Html {
  const { form, name, label, hint, unit, shapes } = options;
  const id = fieldId(form, name);
  const shapesAttribute = shapes === undefined ? '' : html` data-shapes="${shapes}"`;
  return html`<div class="field"${shapesAttribute}><label for="${id}">${label}${unit !== undefined && html` <span class="unit">${unit}</span>`}</label>${control}${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}<p class="field-error" id="${id}-error"></p></div>`;
}

function describedBy({ form, name, hint }: FieldOptions): string {
  const id = fieldId(form, name);
  return hint === undefined ? `${id}-error` : `${id}-hint ${id}-error`;
}
