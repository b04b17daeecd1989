/** A fault that is done to the service during load, and undone. */
import type { OwnService } from '../service/own-service.ts';

export interface Fault {
  /** Such as `kill`, `freeze`, `fill-disk`. */
  readonly name: string;
  /** The text of a button: "Kill the service and start it again". */
  readonly title: string;
  /** One sentence: the fault, and the promise that must hold. */
  readonly about: string;
  /** How long it lasts unless given, in milliseconds. */
  readonly usualMs: number;
  /** Whether shoppers must notice, by failures or by waiting: a drill without any effect has shown nothing. */
  readonly isFelt: boolean;
  /** How long a shopper may wait for an answer meanwhile, in milliseconds; as long as it takes unless told. */
  readonly shopperWaitMsMax?: number;
  /** Whether it can be done here; else a sentence why not. */
  isPossible(service: OwnService): true | string;
  /**
   * Does it, waits, undoes it, and waits until the service is ready again. What
   * happens is said at that moment. @throws one sentence when the service did not survive it, or does not recover
   */
  run(context: FaultContext): Promise<void>;
}

export interface FaultContext {
  readonly service: OwnService;
  /** Tears the shoppers' connections. */
  readonly cutConnections: () => void;
  /** How long the fault lasts. */
  readonly durationMs: number;
  /** Of the run; a fault that places orders writes them down there. Without one it places none. */
  readonly ledgerFolder?: string | null;
  /** Puts a line on the chart; `over` is one of those that tell of the end and the recovery. */
  readonly say: (text: string, stage: 'fault' | 'over') => void;
}
