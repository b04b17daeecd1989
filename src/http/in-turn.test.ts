/** With real turns that are full: one request has begun the turn, one waits, and no more may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoopTurns } from '../runtime/loop-turns.ts';
import { endpoints } from './endpoints.ts';
import { inTurn } from './in-turn.ts';
import type { Reply } from './reply.ts';
import type { RequestContext } from './request/request-context.ts';

const context = { request: new Request('http://shop/') } as RequestContext;
const reply: Reply = { status: 200 };

function fullTurns() {
  const turns = createLoopTurns({ budgetMs: 0, heldMax: 1 });
  const deps = { turns, loopLag: { lagMs: () => 0, look: () => undefined, stop: () => undefined } };
  const waiting = Promise.resolve(inTurn(deps, () => reply)(context));
  return { deps, waiting };
}

test('a request that finds no room to wait is told busy, unless it is never busy', async () => {
  const { deps, waiting } = fullTurns();
  assert.deepEqual(await inTurn(deps, () => reply)(context), { code: 'busy' });
  assert.equal(inTurn(deps, () => reply, true)(context), reply);
  assert.equal(await waiting, reply);
});

test('whether the process is there is told however many requests wait', () => {
  const never = endpoints.filter(({ isNeverBusy }) => isNeverBusy === true).map(({ path }) => path);
  assert.deepEqual(never.toSorted(), ['/health_check', '/livez']);
});
