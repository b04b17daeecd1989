import type { RunPlan } from '../control/run-plan.ts';
import type { Fleet } from '../load/fleet.ts';
import { startFleet } from '../load/start-fleet.ts';
import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

const clients = 64;

export const connectionFlood: Fault = {
  name: 'connection-flood',
  title: 'Ask for every costly page, on fresh connections',
  about: `${clients} clients ask for one costly page after the other, and each request opens a connection of its own. No order may wait for longer than a second.`,
  usualMs: 5_000,
  isFelt: false,
  shopperWaitMsMax: 1_000,
  isPossible: (service) => service.isRunning() || 'The service does not run',
  run: async (context) => {
    const { service, say } = context;
    let flood: Fleet | null = null;
    await endure(context, {
      begin: async () => {
        const plan = floodOf(service.url);
        flood = await startFleet({ plan, url: service.url, ledgerFolder: null, onSample: () => {} });
      },
      begun: `${clients} clients ask for costly pages`,
      end: async () => {
        if (flood === null) return;
        flood.stop();
        const { requests, failuresByKind } = await flood.ended;
        const [failure] = failuresByKind;
        if (failure !== undefined) {
          throw new Error(`${failure.count} of ${failure.route} failed: ${failure.reason}`);
        }
        say(`${requests.toLocaleString('en')} costly pages were answered`, 'over');
      },
      ended: 'The requests for costly pages have ended',
    });
  },
};

function floodOf(url: string): RunPlan {
  return {
    scenario: 'costly-pages',
    host: url,
    hostIsMine: true,
    pace: { kind: 'users', users: clients, spawnPerSecond: 1_000 },
    seconds: null,
    warmupSeconds: 0,
    connections: 'each-request',
    workers: 1,
    seed: 1,
    timeoutMs: 10_000,
    objective: { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null },
  };
}
