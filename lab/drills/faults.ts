/** Every fault, in the order in which the page and `make drill` show them. */
import { clockAhead } from './clock-ahead.ts';
import { connectionFlood } from './connection-flood.ts';
import { cutConnections } from './cut-connections.ts';
import { cutDatabase } from './cut-database.ts';
import type { Fault } from './fault.ts';
import { fillDisk } from './fill-disk.ts';
import { freeze } from './freeze.ts';
import { kill } from './kill.ts';
import { secondInstance } from './second-instance.ts';
import { stopDatabase } from './stop-database.ts';

export const faults: readonly Fault[] = [
  kill,
  freeze,
  cutConnections,
  fillDisk,
  stopDatabase,
  cutDatabase,
  clockAhead,
  secondInstance,
  connectionFlood,
];
