import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoded, encodedEntries } from './encoded-html.ts';
import { html } from './html.ts';

test('a part that was encoded is put into a page as it is, and only once encoded', () => {
  const part = encoded(html`<b>${'é & 🍬'}</b>`);
  const page = html`<p>${'<'}${part}${1}</p>${part}`;
  const text = '<p>&lt;<b>é &amp; 🍬</b>1</p><b>é &amp; 🍬</b>';
  assert.equal(page.text, text);
  assert.deepEqual(Buffer.from(page.bytes), Buffer.from(text));
  assert.deepEqual(Buffer.from(html`${html`<i>${page}</i>`}`.bytes), Buffer.from(`<i>${text}</i>`));
  assert.equal(html`${[part, part]}`.text, part.text + part.text, 'in a list, too');
  assert.equal(html`${encoded(html`\ufeffa`)}`.text, '\ufeffa', 'a byte order mark stays');
});

test('any one of the entries can be another', () => {
  const names = ['ä', '', 'ccc', 'd'];
  const { all, replaced } = encodedEntries(names.map((name) => html`<li>${name}</li>`));
  const listOf = (of: readonly string[]) => of.map((name) => `<li>${name}</li>`).join('');
  assert.equal(all.text, listOf(names));
  for (const index of names.keys()) {
    const other = replaced(index, encoded(html`<li>${'<ö>'}</li>`));
    assert.equal(other.text, listOf(names.with(index, '&lt;ö&gt;')));
    assert.equal(html`<ul>${other}</ul>`.text, `<ul>${other.text}</ul>`);
  }
  assert.equal(encodedEntries([]).all.text, '');
});
