import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oneServer } from '../distribution.ts';
import { isWorthAnotherTry, toFailure } from '../failures.ts';
import { sqlStateOf } from './worker-messages.ts';

function saidByServer(message: string, code: string): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR' });
}

describe('what a Citus worker says while rows are copied to it', () => {
  const lostRaces = [
    'duplicate key value violates unique constraint "idempotency_keys_pkey_102031"',
    'doppelter Schlüsselwert verletzt Unique-Constraint »orders_pkey_102008«',
    'deadlock detected',
  ];
  for (const message of lostRaces) {
    it(`is a lost race: ${message}`, () => {
      const said = saidByServer(message, 'XX000');
      assert.ok(isWorthAnotherTry(toFailure(said, sqlStateOf)));
      assert.ok(
        !isWorthAnotherTry(toFailure(said, oneServer.sqlStateOf)),
        'without Citus it is what it says: an internal error',
      );
    });
  }

  it('is a fault when it is one', () => {
    for (const message of ['could not read block 3 in file "base/5/1"', 'index "orders_pkey" is corrupt']) {
      assert.ok(!isWorthAnotherTry(toFailure(saidByServer(message, 'XX000'), sqlStateOf)));
    }
  });
});
