import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

export const freeze: Fault = {
  name: 'freeze',
  title: 'Freeze the service',
  about:
    'SIGSTOP: connections stay open and nothing is answered, longer than clients wait. An order that they give up and send again with its key must not become a second order.',
  usualMs: 3_000,
  isFelt: true,
  isPossible: (service) => service.isRunning() || 'The service does not run',
  run: (context) =>
    endure(context, {
      begin: () => context.service.freeze(),
      begun: 'Frozen (SIGSTOP)',
      end: () => context.service.thaw(),
      ended: 'Thawed (SIGCONT)',
    }),
};
