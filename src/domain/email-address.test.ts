import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type EmailProblem, emailLengthMax, emailProblem } from './email-address.ts';

const letters = (count: number) => 'x'.repeat(count);

describe('an address that mail can be sent to is taken', () => {
  for (const email of [
    'ada@example.com',
    'a@b.co',
    'ada+shop@example.com',
    "o'brien+shop@x.co.uk",
    'ada_lovelace-1@sub.example.museum',
    'first.middle.last@example.com',
    "!#$%&'*+/=?^_`{|}~-@example.com",
    'ADA@EXAMPLE.COM',
    'ada@example.photography',
    'ada@1.x1',
    'ada@3com.com',
    'ada@xn--r8jz45g.jp',
    'ada@example.xn--p1ai',
    'ada@münchen.de',
    'ada@faß.de',
    'ada@пример.рф',
    'пользователь@пример.рф',
    '山田@例え.jp',
    'क्ष@क्षत्रिय.com',
    'josé@example.com',
    '😀@example.com',
    `${letters(64)}@example.com`,
    `${'é'.repeat(32)}@example.com`,
    `a@${letters(63)}.com`,
    `a@${`${letters(61)}.`.repeat(4)}com`,
  ]) {
    test(email, () => assert.equal(emailProblem(email), null));
  }
});

const refused: Readonly<Record<EmailProblem, readonly string[]>> = {
  not_bare: [
    'mailto:ada@example.com',
    'MAILTO:ada@example.com?subject=Hi',
    '<ada@example.com>',
    'Ada Lovelace <ada@example.com>',
    '<script>@example.com',
  ],
  several: [
    'ada@example.com,bob@example.com',
    'ada@example.com; bob@example.com',
    'ada@example,com',
    'a,da@example.com',
  ],
  no_at: ['', '@', 'ada', 'ada.example.com', 'ada@', '@example.com', 'ada@@example.com', 'a@b@c.com'],
  dots: [
    'ada..lovelace@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'ada@example..com',
    'ada@.example.com',
    'ada@example.com.',
    'ada@.',
    'é..é@example.com',
  ],
  characters: [
    'ada lovelace@example.com',
    'ada@exam ple.com',
    'ada\u200b@example.com',
    'ada@exa\u200bmple.com',
    'ada\u00ad@example.com',
    'ada\ufeff@example.com',
    'ada\u2800@example.com',
    'gro.elpmaxe\u202e@shop.example',
    'ada@\u2066example.com',
    'ada@example.com\r\nBcc: all',
    'ada\u0000@example.com',
    'ada@example\u0085.com',
    'ada\u2028@example.com',
    'ada\ud83d@example.com',
    'ada\uffff@example.com',
    'ad\ufffda@example.com',
    'ada(work)@example.com',
    '"ada lovelace"@example.com',
    'ada\\@example.com',
    'ada@[127.0.0.1]',
    'ada@example.com:25',
    'ａｄａ@example.com',
    'ada@ｅxample.com',
  ],
  domain: [
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@example.1',
    'ada@x.c',
    'ada@-example.com',
    'ada@example-.com',
    'ada@exa_mple.com',
    'ada@example.com/',
    'ada@é%41.com',
    'ada@é/.com',
    'ada@é#.com',
    'ada@é?x=.com',
    'ada@xn--a.рф',
    `a@${letters(64)}.com`,
    `a@${'é'.repeat(64)}.com`,
  ],
  too_long: [
    `${letters(65)}@example.com`,
    `${'é'.repeat(33)}@example.com`,
    `a@${`${letters(61)}.`.repeat(4)}museum`,
    letters(emailLengthMax + 1),
    `${'é'.repeat(60_000)}@example.com`,
  ],
};

describe('an address that mail can never be sent to is refused, and it is told why', () => {
  for (const [problem, emails] of Object.entries(refused)) {
    for (const email of emails) {
      test(`${problem}: ${JSON.stringify(email.slice(0, 60))}`, () =>
        assert.equal(emailProblem(email), problem));
    }
  }
});

test('254 octets are the longest, whatever the script', () => {
  const longest = `${letters(64)}@${`${letters(61)}.`.repeat(3)}com`;
  assert.equal(longest.length, emailLengthMax);
  assert.equal(emailProblem(longest), null);
  assert.equal(emailProblem(longest.replace('xxcom', 'xxcomm').replace('.com', '.comm')), 'too_long');
});

test('what is taken has one @, and neither blanks nor lone surrogates', () => {
  const local = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(local, fc.oneof(fc.domain(), local), (before, after) => {
      const email = `${before}@${after}`;
      if (emailProblem(email) !== null) return;
      assert.equal(email.split('@').length, 2);
      assert.doesNotMatch(email, /[\s\u200b\ufeff,;<>]/);
      assert.ok(email.isWellFormed());
    }),
  );
});
