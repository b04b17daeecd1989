/**
 * The lettering: market-sign capitals of one rounded line, a little out of step, with a peppermint for the
 * O and a sweet under each roof of an A. The letters take the colour of the text around them.
 */
export const wordmark =
  '<svg class="wordmark" viewBox="0 0 300 64" width="178" height="38" role="img" aria-label="Nozama">' +
  '<g fill="none" stroke="currentColor" stroke-width="11" stroke-linecap="round" stroke-linejoin="round">' +
  '<path transform="rotate(-3 24 32)" d="M9 53V12L39 52V11"/>' +
  '<path transform="rotate(3 124 32)" d="M110 11H139L109 53H140"/>' +
  '<path transform="rotate(-2 172 32)" d="M154 53L172 11L190 53"/>' +
  '<path transform="rotate(2 223 32)" d="M205 53V12L223 37L241 12V53"/>' +
  '<path transform="rotate(-3 274 32)" d="M257 53L275 11L293 53"/></g>' +
  '<g transform="translate(75 32)"><circle class="mint-pale" r="24"/><path class="mint" d="M0 0Q8-7.5 20 0A20 20 0 0 1 17.3 10Q10.7-2.5 0 0M0 0Q10.5 3.2 10 17.3A20 20 0 0 1 0 20Q7.5 8 0 0M0 0Q2.5 10.7-10 17.3A20 20 0 0 1-17.3 10Q-3.2 10.5 0 0M0 0Q-8 7.5-20 0A20 20 0 0 1-17.3-10Q-10.7 2.5 0 0M0 0Q-10.5-3.2-10-17.3A20 20 0 0 1 0-20Q-7.5-8 0 0M0 0Q-2.5-10.7 10-17.3A20 20 0 0 1 17.3-10Q3.2-10.5 0 0"/>' +
  '<circle class="mint-rim" r="22.5" fill="none" stroke-width="5"/></g>' +
  '<g class="mint"><circle cx="172" cy="49" r="6.5"/><circle cx="275" cy="49" r="6.5"/></g></svg>';
