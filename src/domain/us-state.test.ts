import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isUsState, usStateName, usStates } from './us-state.ts';

/** Written out a second time, from USPS Publication 28, appendix B. */
const states =
  'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND ' +
  'OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY';
const territories = 'AS GU MP PR VI';

describe('the states orders are shipped to', () => {
  test('are the 50 states, DC and the five inhabited territories', () => {
    assert.equal(states.split(' ').length, 50);
    const expected = [...states.split(' '), 'DC', ...territories.split(' ')];
    assert.equal(expected.length, 56);
    assert.deepEqual(usStates.toSorted(), expected.toSorted());
  });

  test('come by name, territories last', () => {
    const stateNames = usStates.slice(0, 51).map(usStateName);
    assert.deepEqual(stateNames, stateNames.toSorted());
    assert.equal(usStates.slice(51).join(' '), territories);
  });

  test('have names, no two the same', () => {
    assert.equal(usStateName('TX'), 'Texas');
    assert.equal(usStateName('DC'), 'District of Columbia');
    assert.equal(usStateName('PR'), 'Puerto Rico');
    const allNames = usStates.map(usStateName);
    assert.equal(new Set(allNames).size, 56);
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
      'AA',
      'AE',
      'AP',
      'UM',
      'FM',
      'MH',
      'PW',
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
