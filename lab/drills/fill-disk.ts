import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

export const fillDisk: Fault = {
  name: 'fill-disk',
  title: 'Fill the disk of the database',
  about:
    'Not a byte is left. Orders are turned away with 503, none is half stored, and it is over by itself once there is room.',
  usualMs: 2_000,
  isFelt: true,
  isPossible: (service) => service.abilities.fillDisk,
  run: (context) => {
    const { service } = context;
    return endure(context, {
      begin: () => service.fillDisk(),
      begun: 'The disk is full',
      end: () => service.emptyDisk(),
      ended: 'There is room again',
      // A PostgreSQL whose log finds no room ends; in operation its supervisor would start it again.
      nudge: async () => {
        if (service.abilities.stopDatabase === true) await service.startDatabase();
      },
    });
  },
};
