import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArguments, UsageError } from './command.ts';

const command = {
  options: { to: { type: 'string' }, force: { type: 'boolean' } },
  positionals: ['NAME'],
} as const;
const read = (...args: string[]) => readArguments('restore', command, args);

describe('the arguments of a command', () => {
  test('are options and names, in any order', () => {
    const given = read('--to', 'sqlite:a.db', 'latest', '--force');
    assert.deepEqual(given?.positionals, ['latest']);
    assert.equal(given?.values['to'], 'sqlite:a.db');
    assert.equal(given?.values['force'], true);
    assert.equal(read('--to=x=y')?.values['to'], 'x=y');
    assert.deepEqual(read()?.positionals, []);
  });

  test('are not read when help is asked for, however wrong they are', () => {
    assert.equal(read('--help'), null);
    assert.equal(read('a', 'b', '--nonsense', '-h'), null);
  });

  const mistakes: readonly (readonly [readonly string[], string])[] = [
    [['--from', 'x'], 'nozama restore has no option --from.'],
    [['-x'], 'nozama restore has no option -x.'],
    [['--constructor'], 'nozama restore has no option --constructor.'],
    [['a', 'b'], 'nozama restore takes NAME and --to and --force and nothing else.'],
    [['--to'], 'nozama restore needs --to with a value.'],
    [['--to='], 'nozama restore needs --to with a value.'],
    [['--force=yes'], '--force of nozama restore takes no value.'],
  ];
  for (const [args, message] of mistakes) {
    test(`are refused: ${args.join(' ')}`, () => {
      assert.throws(() => read(...args), new UsageError(message));
    });
  }

  test('are none for a command that takes none', () => {
    const none = { options: {}, positionals: [] };
    assert.throws(
      () => readArguments('verify', none, ['now']),
      new UsageError('nozama verify takes no arguments.'),
    );
  });
});

test('a negative number is an argument, and no option', () => {
  const taken = { options: { reason: { type: 'string' } }, positionals: ['action', 'units'] } as const;
  const given = readArguments('stock', taken, ['adjust', '-12', '--reason', 'count']);
  assert.deepEqual(given?.positionals, ['adjust', '-12']);
  assert.equal(given?.values['reason'], 'count');
  assert.throws(() => readArguments('stock', taken, ['adjust', '-x']), /has no option -x/);
});
