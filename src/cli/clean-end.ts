/** For a command that must leave nothing behind when it is told to stop in the middle of its work. */
import { endSignal, stopSignals } from './stop-signals.ts';

/**
 * Calls `cleanUp` when a signal to stop arrives, then lets the signal end the process as usual.
 * @returns a function that removes the listeners
 */
export function cleanUpWhenStopped(cleanUp: () => void): () => void {
  const signals = stopSignals(process.platform);
  const stop = (signal: NodeJS.Signals) => {
    try {
      cleanUp();
    } catch {
      // A later run removes the remains once they are old.
    }
    release();
    process.kill(process.pid, endSignal(signal, process.platform));
  };
  const release = () => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return release;
}
