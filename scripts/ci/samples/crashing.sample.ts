import { test } from 'node:test';

test('passes', () => undefined);
test('ends the process', () => process.exit(7));
