/** For a command that may be told to stop in the midst of its work, and shall leave nothing behind then. */
import { endSignal, stopSignals } from './stop-signals.ts';

/**
 * The signals to stop end the process at once, by the signal, as they would anyway; before that, `cleanUp`.
 * @returns what makes it as it was
 */
export function cleanUpWhenStopped(cleanUp: () => void): () => void {
  const signals = stopSignals(process.platform);
  const stop = (signal: NodeJS.Signals) => {
    try {
      cleanUp();
    } catch {
      // What could not be removed is old some day, and goes then.
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
