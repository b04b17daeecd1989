import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

const aheadSeconds = 3_600;

export const clockAhead: Fault = {
  name: 'clock-ahead',
  title: 'Put the service’s clock an hour ahead, and back',
  about:
    'Its clock jumps ahead by an hour, and back again. Orders go on; numbers and the order log stay in order.',
  usualMs: 2_000,
  isFelt: false,
  isPossible: (service) => service.abilities.setClockAhead,
  run: (context) =>
    endure(context, {
      begin: () => context.service.setClockAhead(aheadSeconds),
      begun: 'The clock is an hour ahead',
      end: () => context.service.setClockAhead(0),
      ended: 'The clock is right again',
    }),
};
