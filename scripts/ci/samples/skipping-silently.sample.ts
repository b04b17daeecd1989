import { test } from 'node:test';

test('passes', () => undefined);
test('is skipped', { skip: true }, () => undefined);
