import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

export const cutDatabase: Fault = {
  name: 'cut-database',
  title: 'Cut the way to the database',
  about:
    'The connections between service and database are cut, and new ones refused. A commit whose answer got lost is neither doubled nor lost.',
  usualMs: 2_000,
  isFelt: true,
  isPossible: (service) => service.abilities.cutDatabaseConnection,
  run: (context) =>
    endure(context, {
      begin: () => context.service.cutDatabaseConnection(),
      begun: 'The way to the database is cut',
      end: () => context.service.mendDatabaseConnection(),
      ended: 'The way to the database is mended',
    }),
};
