/** Users or arrivals, as both forms ask for them. */
import { control, fill, readNumber } from './form-fields.js';

/** @typedef {import('../../control/run-plan.ts').Pace} Pace */

/** The fields of each profile. */
const profileFields = {
  constant: ['perSecond'],
  ramp: ['fromPerSecond', 'toPerSecond', 'overSeconds'],
  step: ['fromPerSecond', 'byPerSecond', 'everySeconds', 'toPerSecond'],
  spike: ['perSecond', 'peakPerSecond', 'atSecond', 'forSeconds'],
  sine: ['perSecond', 'amplitudePerSecond', 'periodSeconds'],
};

/** The value of a field when its profile is chosen. @type {Readonly<Record<string, number>>} */
const usual = {
  perSecond: 500,
  fromPerSecond: 100,
  toPerSecond: 1_000,
  overSeconds: 30,
  byPerSecond: 100,
  everySeconds: 5,
  peakPerSecond: 2_000,
  atSecond: 20,
  forSeconds: 10,
  amplitudePerSecond: 300,
  periodSeconds: 20,
};

/** @param {HTMLFormElement} form */
export function startPaceFields(form) {
  for (const [name, value] of Object.entries(usual)) fill(form, `pace.profile.${name}`, value);
  fill(form, 'pace.users', 100);
  fill(form, 'pace.spawnPerSecond', 100);
  fill(form, 'pace.usersMax', 1_000);
  control(form, 'pace.profile.shape').addEventListener('change', () => showShape(form));
  showShape(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {Pace['kind']} kind
 */
export function showKind(form, kind) {
  for (const group of form.querySelectorAll('.kind')) {
    if (group instanceof HTMLElement) group.hidden = group.dataset['kind'] !== kind;
  }
}

/** @param {HTMLFormElement} form */
function showShape(form) {
  const shape = control(form, 'pace.profile.shape').value;
  for (const field of form.querySelectorAll('[data-shapes]')) {
    if (field instanceof HTMLElement) field.hidden = !field.dataset['shapes']?.split(' ').includes(shape);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Pace} pace
 */
export function fillPace(form, pace) {
  if (pace.kind === 'users') {
    fill(form, 'pace.users', pace.users);
    fill(form, 'pace.spawnPerSecond', pace.spawnPerSecond);
  } else {
    fill(form, 'pace.usersMax', pace.usersMax);
    for (const [name, value] of Object.entries(pace.profile)) fill(form, `pace.profile.${name}`, value);
    showShape(form);
  }
  showKind(form, pace.kind);
}

/**
 * @param {HTMLFormElement} form
 * @param {Pace['kind']} kind
 */
export function readPace(form, kind) {
  const read = (/** @type {string} */ name) => readNumber(form, name) ?? '';
  if (kind === 'users') {
    return { kind, users: read('pace.users'), spawnPerSecond: read('pace.spawnPerSecond') };
  }
  const shape = /** @type {keyof typeof profileFields} */ (control(form, 'pace.profile.shape').value);
  const fields = profileFields[shape].map((name) => [name, read(`pace.profile.${name}`)]);
  return { kind, profile: { shape, ...Object.fromEntries(fields) }, usersMax: read('pace.usersMax') };
}

/** @param {Pace} pace */
export function paceWords(pace) {
  const shown = (/** @type {number} */ value) => value.toLocaleString('en');
  if (pace.kind === 'users') return `${shown(pace.users)} users`;
  const { profile } = pace;
  switch (profile.shape) {
    case 'constant':
      return `${shown(profile.perSecond)} requests/s`;
    case 'ramp':
      return `${shown(profile.fromPerSecond)} to ${shown(profile.toPerSecond)} requests/s in ${shown(profile.overSeconds)} s`;
    case 'step':
      return `${shown(profile.fromPerSecond)} to ${shown(profile.toPerSecond)} requests/s in steps of ${shown(profile.byPerSecond)}`;
    case 'spike':
      return `${shown(profile.perSecond)} requests/s with a spike of ${shown(profile.peakPerSecond)}`;
    case 'sine':
      return `${shown(profile.perSecond)} ± ${shown(profile.amplitudePerSecond)} requests/s`;
  }
}
