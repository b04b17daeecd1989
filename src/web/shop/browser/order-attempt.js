/**
 * One try at placing an order, and the retries of it.
 *
 * An attempt is a key together with the order that went out under it. It is kept until an answer settles it, so
 * that a retry, even after a reload, sends the same key and can't make a second order. A changed order is another
 * attempt with another key; the terms it is sent on (the total that is shown, whether to ask first) are not part of
 * the order.
 */

import { addressInShop, storageKey } from './shop-address.js';

/** @typedef {{ key: string, body: string }} Attempt `body` is the order as JSON */

/**
 * @typedef {object} Terms
 * @property {{ amount: number, currency: string }} [expected_total] left out when the page can't tell it
 * @property {'ask' | 'place'} if_repeated
 */

/** @typedef {{ sku: string, name: string, unit_price: { amount: number } }} PricedLine */

/**
 * @typedef {{ kind: 'placed', url: string }
 *   | { kind: 'invalid', errors: import('./order-problems.js').FieldProblem[], text: string }
 *   | { kind: 'short', shortages: { sku: string, name: string, requested: number, available: number }[] }
 *   | { kind: 'repriced', lines: PricedLine[], totalCents: number }
 *   | { kind: 'repeated', text: string, number: number, url: string }
 *   | { kind: 'refused', text: string }
 *   | { kind: 'unclear', text: string }} Answer `unclear` is the only one that doesn't settle the attempt
 */

const attemptKey = storageKey('nozama.attempt.v1');
const answerWaitMs = 20_000;

/**
 * The attempt under way for this very body, or a new one.
 * @param {import('./basket.js').TextStorage} storage
 * @param {string} body
 * @returns {Attempt}
 */
export function beginAttempt(storage, body) {
  const pending = pendingAttempt(storage);
  if (pending?.body === body) return pending;
  const attempt = { key: newKey(), body };
  storage.setItem(attemptKey, JSON.stringify(attempt));
  return attempt;
}

/**
 * The attempt that has no answer yet.
 * @param {import('./basket.js').TextStorage} storage
 * @returns {Attempt | null}
 */
export function pendingAttempt(storage) {
  try {
    const stored = JSON.parse(storage.getItem(attemptKey) ?? 'null');
    return typeof stored?.key === 'string' && Array.isArray(JSON.parse(stored.body).lines) ? stored : null;
  } catch {
    return null;
  }
}

/** @param {import('./basket.js').TextStorage} storage */
export function settleAttempt(storage) {
  storage.removeItem(attemptKey);
}

/** `crypto.randomUUID` is missing on plain http addresses; RFC 9562 version 4 by hand is not. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Sends the attempt and puts the answer in the shop's words. Never throws.
 * @param {Attempt} attempt
 * @param {Terms} terms
 * @param {typeof fetch} send
 * @returns {Promise<Answer>}
 */
export async function sendAttempt({ key, body }, terms, send) {
  let response;
  try {
    response = await send(addressInShop('api/v1/orders'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ ...JSON.parse(body), ...terms }),
      signal: AbortSignal.timeout(answerWaitMs),
    });
    const answer = await response.json().catch(() => null);
    return readAnswer(response.status, response.headers.get('Retry-After'), answer);
  } catch {
    return unclear('The connection broke before the shop could answer.', null);
  }
}

/**
 * @param {number} status
 * @param {string | null} retryAfter
 * @param {any} answer the body, null when it is no JSON
 * @returns {Answer}
 */
export function readAnswer(status, retryAfter, answer) {
  if (status === 201 && typeof answer?.confirmation_url === 'string') {
    return { kind: 'placed', url: answer.confirmation_url };
  }
  const text = typeof answer?.detail === 'string' ? answer.detail : 'The shop could not take this order.';
  if (status === 422 && Array.isArray(answer?.errors))
    return { kind: 'invalid', errors: answer.errors, text };
  if (status === 409 && Array.isArray(answer?.shortages)) {
    return { kind: 'short', shortages: answer.shortages };
  }
  if (status === 409 && answer?.code === 'price_changed') {
    return { kind: 'repriced', lines: answer.lines, totalCents: answer.total.amount };
  }
  if (status === 409 && answer?.code === 'order_repeated') {
    const { number, confirmation_url: url } = answer.earlier_order;
    return { kind: 'repeated', text, number, url };
  }
  if (status === 409) return unclear('Your order is still being placed.', retryAfter);
  if (status === 429) return unclear('That was a lot of orders in a short time.', retryAfter);
  if (status >= 500) return unclear('The shop is very busy at the moment.', retryAfter);
  if (status >= 400) return { kind: 'refused', text };
  return unclear('The shop gave an answer this page does not understand.', retryAfter);
}

/**
 * @param {string} what
 * @param {string | null} retryAfter
 * @returns {Answer}
 */
function unclear(what, retryAfter) {
  return {
    kind: 'unclear',
    text: `${what} Nothing you typed is lost. ${retryWords(retryAfter)} It will not be ordered twice.`,
  };
}

/** @param {string | null} retryAfter the header: whole seconds, or a date, which is not worth spelling out */
function retryWords(retryAfter) {
  const seconds = /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  if (seconds <= 1) return 'Please try again.';
  if (seconds < 90) return `Please try again in ${seconds} seconds.`;
  return `Please try again in ${Math.ceil(seconds / 60)} minutes.`;
}
