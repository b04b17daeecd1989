import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseTimestamp } from './timestamp.ts';

it('a time of RFC 3339 is read in each of its forms', () => {
  const moment = Date.UTC(2026, 10, 30, 15, 4, 5);
  for (const [text, ms] of [
    ['2026-11-30T15:04:05Z', moment],
    ['2026-11-30t15:04:05z', moment],
    ['2026-11-30T15:04:05.1234567Z', moment + 123],
    ['2026-11-30T15:04:05.5+00:00', moment + 500],
    ['2026-11-30T20:34:05+05:30', moment],
    ['2026-11-30T11:04:05-04:00', moment],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['0000-01-01T00:00:00+01:00', Date.parse('0000-01-01T00:00:00Z')],
    ['9999-12-31T23:59:59-01:00', Date.parse('9999-12-31T23:59:59.999Z')],
    ['0000-02-29T00:00:00Z', Date.parse('0000-02-29T00:00:00Z')],
  ] as const)
    assert.equal(parseTimestamp(text), ms, text);
});

it('a text that is no time, or has no offset, is none', () => {
  for (const text of [
    '',
    '2026-11-30',
    '2026-11-30T15:04:05',
    '2026-11-30 15:04:05Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-30T24:00:00Z',
    '2026-11-30T15:60:00Z',
    '2026-11-30T15:04:61Z',
    '2026-11-30T15:04:05.Z',
    '2026-11-30T15:04:05+24:00',
    '+002026-11-30T15:04:05Z',
  ])
    assert.equal(parseTimestamp(text), undefined, text);
});
