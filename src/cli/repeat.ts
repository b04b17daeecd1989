/** Repeats a piece of work until the process is told to stop. */
import { OperatorError } from '../program/operator-error.ts';
import { stopSignals } from './stop-signals.ts';

/**
 * Begins every `everyMs`, counted from the first time. When the work takes longer, the next begins at once. A failure
 * of the first time ends the loop, so that a mistake is seen; a later failure is told, and the loop goes on. The
 * signals of stop-signals.ts end the loop: at once between two times, and at the end of the work during one.
 */
export async function repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
  let wake = () => {};
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    wake();
  };
  const signals = stopSignals(process.platform);
  for (const signal of signals) process.on(signal, stop);
  try {
    await work();
    for (let dueMs = performance.now() + everyMs; ; dueMs = Math.max(dueMs + everyMs, performance.now())) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, dueMs - performance.now()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isStopped) wake();
      });
      if (isStopped) return;
      await work().catch(tell);
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

function tell(error: unknown): void {
  const words = error instanceof OperatorError ? error.message : String((error as Error)?.stack ?? error);
  process.stderr.write(`${new Date().toISOString()} The backup failed: ${words}\n`);
}
