/** Figures in words, for a report. */
import { type Html, html } from '../../src/web/html.ts';

const missing = '–';

export function countWords(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** A rate: whole above 100, else with one digit. */
export function rateWords(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 1;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Milliseconds without their unit, for tables; three digits or the whole. */
export function msWords(value: number | null): string {
  if (value === null) return missing;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 0.0123 is "1.23 %". A share above zero is never "0 %". */
export function shareWords(share: number): string {
  if (share === 0) return '0 %';
  const percent = share * 100;
  return percent < 0.01 ? '< 0.01 %' : `${Number(percent.toPrecision(3))} %`;
}

export function secondsWords(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment of a run: 0:05, 12:30, 1:00:00. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  return hours > 0
    ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}`
    : `${minutes}:${twoDigits(whole % 60)}`;
}

/** "25 November 2026, 04:55:35 UTC"; the text itself when it is no date. */
export function dateWords(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const day = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${date.toISOString().slice(11, 19)} UTC`;
}

/** A text in a table's first column stands left, figures stand right. */
export type Cell = string | Html;

/**
 * A table that scrolls by itself where it is wider than the page. `words` are the columns, from 0, that are
 * no figures.
 */
export function figureTable(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  words: readonly number[] = [0],
): Html {
  const kind = (index: number) => (words.includes(index) ? 'words' : 'number');
  const head = header.map((text, index) => html`<th scope="col" class="${kind(index)}">${text}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0
        ? html`<th scope="row" class="${kind(index)}">${cell}</th>`
        : html`<td class="${kind(index)}">${cell}</td>`,
    );
    return html`<tr>${cells}</tr>`;
  });
  return html`<div class="table-frame" role="region" aria-label="${caption}" tabindex="0"><table class="figures"><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Names with their values, such as those of a plan. */
export function factList(facts: readonly (readonly [name: string, value: Cell])[]): Html {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
