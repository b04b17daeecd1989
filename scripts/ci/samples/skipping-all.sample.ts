import { test } from 'node:test';

test('is skipped', { skip: 'no moon tonight' }, () => undefined);
