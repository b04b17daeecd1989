import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xmlText } from './xml-text.ts';

test('a text in XML has the characters that it stands for', () => {
  const text = 'a+b%20c &amp;lt; &#39;&#x22;&#128512; &lt;&gt;&quot;&apos;';
  assert.equal(xmlText(`<Other>x</Other><Key>${text}</Key>`, 'Key'), 'a+b%20c &lt; \'"😀 <>"\'');
  assert.equal(xmlText('<Key>&#x10FFFF;&#x110000;&#xFFFFFF;</Key>', 'Key'), '\u{10ffff}\ufffd\ufffd');
  assert.equal(xmlText('<Key></Key>', 'Key'), '');
  assert.equal(xmlText('<Keys>x</Keys>', 'Key'), null);
});
