import { describeFreshConnections } from './fresh-connections.ts';

describeFreshConnections('sqlite', [
  { clients: 8, manner: 'answered' },
  { clients: 64, manner: 'answered' },
  { clients: 8, manner: 'abandon' },
]);
