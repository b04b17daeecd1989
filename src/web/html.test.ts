import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, html, jsonAttribute, jsonForScript, raw } from './html.ts';

test('text without anything special comes back as it is', () => {
  for (const text of ['', 'Ada Lovelace', '山田太郎 🍬', 'a;b/c=d`']) assert.equal(escapeHtml(text), text);
});

test('everything that could leave content or a quoted attribute is escaped, wherever it stands', () => {
  assert.equal(escapeHtml(`<a href="x" id='y'>&`), '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
  assert.equal(escapeHtml('<'), '&lt;');
  assert.equal(escapeHtml('&amp;'), '&amp;amp;');
  assert.equal(escapeHtml('a<b'), 'a&lt;b');
});

test('a template escapes values and takes nested templates as they are', () => {
  const inner = html`<b>${'<i>'}</b>`;
  assert.equal(
    html`<p title="${'"'}">${inner}${raw('<hr>')}</p>`.text,
    '<p title="&quot;"><b>&lt;i&gt;</b><hr></p>',
  );
});

test('a template joins lists, writes numbers and leaves out what is not there', () => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
  assert.equal(html`${items}${0}${null}${undefined}${false}${true}${''}`.text, '<li>a</li><li>&lt;</li>0');
});

test('an object that only looks like a result is not trusted', () => {
  const forged = JSON.parse('{"text":"<script>"}');
  assert.equal(html`${forged}`.text, '');
});

test('JSON in an attribute cannot end it, whatever it holds', () => {
  const value = { name: `'><script> & &#39; "quotes" &amp;` };
  for (const one of [value, { name: 'plain "quotes"' }]) {
    const { text } = jsonAttribute(one);
    assert.match(text, /^'[^'<]*'$/);
    const read = text.slice(1, -1).replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
    assert.deepEqual(JSON.parse(read), one);
  }
});

test('JSON in a script block can neither end it nor open a comment', () => {
  const value = { name: '</script><!-- <b> & "quotes"' };
  const { text } = jsonForScript(value);
  assert.ok(!text.includes('<'));
  assert.deepEqual(JSON.parse(text), value);
});
