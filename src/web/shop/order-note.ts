/** In the place of the form where the shop page takes no orders. */
import { html } from '../html.ts';

export const orderNote = html`<section class="order-note card" aria-labelledby="order-note-title">
<h2 id="order-note-title">Orders are taken elsewhere</h2>
<p>Here you can see our products, their prices and what is in stock. To order, please go to the shop or app that
sent you here.</p>
</section>`;
