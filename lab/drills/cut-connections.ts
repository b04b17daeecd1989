import { endure } from './endure.ts';
import type { Fault } from './fault.ts';

const everyMs = 100;

export const cutConnections: Fault = {
  name: 'cut-connections',
  title: 'Cut the shoppers’ connections',
  about:
    'Every connection with a request under way is cut, again and again. The client can’t know whether those orders are placed. Sent again with their key, each is placed once.',
  usualMs: 1_000,
  isFelt: true,
  isPossible: () => true,
  run: (context) => {
    let again: NodeJS.Timeout | undefined;
    return endure(context, {
      begin: () => {
        context.cutConnections();
        again = setInterval(context.cutConnections, everyMs);
      },
      begun: 'The shoppers’ connections are cut',
      end: () => clearInterval(again),
      ended: 'Connections stay whole again',
    });
  },
};
