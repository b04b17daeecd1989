/**
 * Preloaded into `bun test`: a skipped test says why.
 *
 * Bun 1.4 shows no reason of a skip, and of a `describe` that is skipped nothing at all. Here both become a skipped
 * test with the reason behind its name, as TAP has it; scripts/ci/test-report.ts reads it. Node shows reasons itself.
 */
import { mock } from 'bun:test';
import * as nodeTest from 'node:test';
import { skipMark } from '../scripts/ci/skip-mark.ts';

interface Options {
  readonly skip?: boolean | string;
}

type Body = () => void | Promise<void>;
type Declare = (name: string, options: Options | Body, body?: Body) => unknown;

const declareTest = nodeTest.test as unknown as Declare;

function sayingWhy(declare: unknown): unknown {
  const wrapped: Declare = (name, options, body) => {
    const { skip = false } = typeof options === 'object' ? options : {};
    if (skip === false || skip === '') return (declare as Declare)(name, options, body);
    const reason = skip === true ? '' : `${skipMark}${skip}`;
    return declareTest(`${name}${reason}`, { skip: true }, () => undefined);
  };
  return Object.assign(wrapped, declare);
}

mock.module('node:test', () => ({
  ...nodeTest,
  default: sayingWhy(nodeTest.default),
  test: sayingWhy(nodeTest.test),
  it: sayingWhy(nodeTest.it),
  describe: sayingWhy(nodeTest.describe),
  suite: sayingWhy(nodeTest.suite),
}));
