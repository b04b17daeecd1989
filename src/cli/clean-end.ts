/** For a command that may be told to stop in the midst of its work, and shall leave nothing behind then. */

/**
 * SIGTERM, SIGINT and SIGHUP end the process at once, by the signal, as they would anyway; before that, `cleanUp`.
 * @returns what makes it as it was
 */
export function cleanUpWhenStopped(cleanUp: () => void): () => void {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  const stop = (signal: NodeJS.Signals) => {
    try {
      cleanUp();
    } catch {
      // What could not be removed is old some day, and goes then.
    }
    release();
    process.kill(process.pid, signal);
  };
  const release = () => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return release;
}
