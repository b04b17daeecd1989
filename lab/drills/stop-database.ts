import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

export const stopDatabase: Fault = {
  name: 'stop-database',
  title: 'Crash the database and start it again',
  about:
    'PostgreSQL ends as in a crash and recovers at its next start. Orders are turned away with 503 meanwhile; the service goes on.',
  usualMs: 2_000,
  isFelt: true,
  isPossible: (service) => service.abilities.stopDatabase,
  run: (context) =>
    endure(context, {
      begin: () => context.service.stopDatabase(),
      begun: 'The database has crashed',
      end: () => context.service.startDatabase(),
      ended: 'The database runs again',
    }),
};
