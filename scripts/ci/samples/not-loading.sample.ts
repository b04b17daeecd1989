import { test } from 'node:test';

if (process.pid > 0) throw new Error('This file does not load.');
test('never runs', () => undefined);
