import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isUsState, normalizeUsState, usStateName, usStates } from './us-state.ts';

/** Written out a second time, from USPS Publication 28, appendix B. */
const states =
  'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND ' +
  'OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY';
const beyond = 'AS GU MP PR VI FM MH PW AA AE AP';

describe('the states orders are shipped to', () => {
  test('are the 50 states, DC, territories, freely associated states and armed forces', () => {
    assert.equal(states.split(' ').length, 50);
    const expected = [...states.split(' '), 'DC', ...beyond.split(' ')];
    assert.equal(expected.length, 62);
    assert.deepEqual(usStates.toSorted(), expected.toSorted());
  });

  test('come by name, those beyond the states last', () => {
    const stateNames = usStates.slice(0, 51).map(usStateName);
    assert.deepEqual(stateNames, stateNames.toSorted());
    assert.equal(usStates.slice(51).join(' '), beyond);
  });

  test('have names, no two the same', () => {
    assert.equal(usStateName('TX'), 'Texas');
    assert.equal(usStateName('DC'), 'District of Columbia');
    assert.equal(usStateName('PR'), 'Puerto Rico');
    assert.equal(usStateName('AE'), 'Armed Forces Europe');
    const allNames = usStates.map(usStateName);
    assert.equal(new Set(allNames).size, 62);
    for (const name of allNames) assert.match(name, /^[A-Z][A-Za-z. ]+$/);
  });
});

describe('isUsState', () => {
  test('knows every code of the list', () => {
    for (const code of usStates) assert.equal(isUsState(code), true, code);
  });

  test('refuses other codes, other spellings and the names of object properties', () => {
    for (const code of [
      '',
      'tx',
      'Tx',
      ' TX',
      'TX ',
      'Texas',
      'UM',
      'CZ',
      'ZZ',
      'ON',
      'constructor',
      'toString',
      '__proto__',
      'hasOwnProperty',
    ]) {
      assert.equal(isUsState(code), false, code);
    }
  });

  test('says yes exactly for the list, whatever the two letters', () => {
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    fc.assert(
      fc.property(letter, letter, (a, b) => {
        const code = `${a}${b}`;
        assert.equal(
          isUsState(code),
          usStates.some((state) => state === code),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('never takes any other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/^[A-Z]{2}$/.test(text));
        assert.equal(isUsState(text), false);
      }),
    );
  });
});

describe('normalizeUsState', () => {
  for (const typed of ['TX', 'tx', 'Tx', ' TX', 'tX\u200b', '\u00a0tx\n', '\ufeffTX']) {
    test(`${JSON.stringify(typed)} is TX`, () => assert.equal(normalizeUsState(typed), 'TX'));
  }

  test('makes no state of what is none', () => {
    for (const typed of ['', ' ', 'T X', 'TXX', 'Texas', 'um', '__proto__', `${' '.repeat(60_000)}tx`]) {
      assert.equal(isUsState(normalizeUsState(typed)), false, typed.slice(0, 20));
    }
  });
});
