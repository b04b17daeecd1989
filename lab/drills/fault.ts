/** A fault that is done to the service during load, and undone. */
import type { OwnService } from '../service/own-service.ts';

export interface Fault {
  /** Such as `kill`, `freeze`, `fill-disk`. */
  readonly name: string;
  /** What a button says: "Kill the service and start it again". */
  readonly title: string;
  /** One sentence: what is done, and what must hold. */
  readonly about: string;
  /** Whether it can be done here; else a sentence why not. */
  isPossible(service: OwnService): true | string;
  /** Does it, waits, and undoes it. `say` puts a line on the chart at that moment. */
  run(context: FaultContext): Promise<void>;
}

export interface FaultContext {
  readonly service: OwnService;
  /** Tears the shoppers' connections. */
  readonly cutConnections: () => void;
  /** How long the fault lasts. */
  readonly durationMs: number;
  readonly say: (text: string) => void;
}
