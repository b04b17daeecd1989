import { describe, it, test } from 'node:test';

test('passes', () => undefined);
test('is skipped', { skip: 'no <moon> tonight' }, () => undefined);
describe('a skipped suite', { skip: 'no "sun" either' }, () => {
  it('never runs', () => undefined);
});
test('is not skipped', { skip: false }, () => undefined);
