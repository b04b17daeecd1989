/** The form that finds an order by its number and its ZIP code or email. */
import { type Html, html } from '../html.ts';
import { framePage } from '../layout.ts';

/** The fields of the form, by the names that the API has for them too. */
export const trackingFields = ['number', 'zip_or_email'] as const;

export type TrackingField = (typeof trackingFields)[number];

export interface TrackingPageView {
  readonly basePath: string;
  /** The typed text of each field, unchanged. */
  readonly values: Readonly<Partial<Record<TrackingField, string>>>;
  /** The mistakes, in whole sentences for the shopper. */
  readonly errors: Readonly<Partial<Record<TrackingField, string>>>;
  /** Why nothing was found; null before the first try. */
  readonly notice: string | null;
}

const frame = framePage({ name: 'tracking', styles: ['tracking.css'], modules: [], listed: true });

const labels: Readonly<Record<TrackingField, string>> = {
  number: 'Order number',
  zip_or_email: 'ZIP code or email',
};
const hints: Readonly<Record<TrackingField, string>> = {
  number: 'It stands at the top of your receipt, such as 1047.',
  zip_or_email: 'As you gave it when you ordered.',
};

export function renderTrackingPage(view: TrackingPageView): string {
  const { basePath, notice } = view;
  const content = html`<div class="clothesline"><article class="sign pegged card">
<h1>Where is my order?</h1>
<p class="sign-detail">Enter the order number and the ZIP code or email you ordered with.</p>
<form class="tracking-form" method="post" action="${basePath}/track">
${notice !== null && html`<p class="notice warning" role="alert">${notice}</p>`}
${field(view, 'number', 'numeric')}
${field(view, 'zip_or_email', 'email')}
<button type="submit" class="button primary">Find my order</button>
</form>
<p class="eyebrow">The link that came with your order opens it, too.</p>
</article></div>`;
  const { before, after } = frame(basePath, 'Track an order');
  return before + content.text + after;
}

/** `type="text"` as in the shop's form: a browser's own idea of an email address is stricter than ours. */
function field({ values, errors }: TrackingPageView, name: TrackingField, inputmode: string): Html {
  const error = errors[name];
  return html`<div class="field"><label for="field-${name}">${labels[name]}</label>
<input class="input" type="text" id="field-${name}" name="${name}" value="${values[name]}" inputmode="${inputmode}" autocapitalize="off" autocomplete="${name === 'number' ? 'off' : 'email'}" spellcheck="false" required aria-describedby="hint-${name} error-${name}"${
    error !== undefined && html` aria-invalid="true" autofocus`
  }>
<p class="eyebrow" id="hint-${name}">${hints[name]}</p><p class="field-error" id="error-${name}">${error}</p></div>`;
}
