import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const kill: Fault = {
  name: 'kill',
  title: 'Kill the service and start it again',
  about:
    'kill -9: the process gets no chance to finish anything. Every order that was answered with 201 must be there.',
  usualMs: 1_000,
  isFelt: true,
  isPossible: () => true,
  async run({ service, durationMs, say }) {
    try {
      // Said first: the watch of the service may see it gone before `kill` returns.
      say('Killed (SIGKILL)', 'fault');
      await service.kill();
      await sleep(durationMs);
    } finally {
      await service.start();
    }
    say('Started again, and ready', 'over');
  },
};
