import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveSample } from '../control/live.ts';
import { courseRows, courseSection } from './report-course.ts';
import { endedRun, sampleExample } from './run-example.ts';

function sampleAt(atSecond: number, requestsPerSecond: number): LiveSample {
  return { ...sampleExample(atSecond), requestsPerSecond };
}

test('a run of which older samples are missing is cut by its time, and its means are over time', () => {
  // An hour: of its first half one sample a second, of its second half four.
  const samples = [
    ...Array.from({ length: 1_800 }, (_, i) => sampleAt(i + 1, i < 900 ? 100 : 300)),
    ...Array.from({ length: 7_200 }, (_, i) => sampleAt(1_800 + (i + 1) / 4, 500)),
  ];
  const rows = courseRows(samples);
  assert.equal(rows.length, 12);
  assert.deepEqual(
    rows.map(([time]) => time),
    Array.from({ length: 12 }, (_, i) => `${clock(i * 5)}\u00a0–\u00a0${clock((i + 1) * 5)}`),
  );
  assert.deepEqual(
    rows.map(([, rate]) => rate),
    [...Array(3).fill('100'), ...Array(3).fill('300'), ...Array(6).fill('500')],
  );
});

test('a stretch counts by how long it was, not by how often it was looked at', () => {
  const seldom = Array.from({ length: 12 }, (_, i) => sampleAt((i + 1) * 4, 100));
  const often = Array.from({ length: 48 }, (_, i) => sampleAt(48 + (i + 1) / 4, 500));
  // The tenth of twelve parts of five seconds: four seconds of 100 and two of 500.
  assert.equal(courseRows([...seldom, ...often])[9]?.[1], '233');
});

test('only a run that was thinned says so', () => {
  assert.doesNotMatch(courseSection(endedRun)?.text ?? '', /not every sample is kept/);
  const long = { ...endedRun, samples: [sampleAt(1, 1), sampleAt(1_801, 1)] };
  assert.match(courseSection(long)?.text ?? '', /not every sample is kept/);
});

function clock(minutes: number): string {
  return minutes < 60 ? `${minutes}:00` : '1:00:00';
}
