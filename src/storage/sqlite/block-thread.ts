const neverWoken = new Int32Array(new SharedArrayBuffer(4));

/** Holds up the whole thread, as SQLite's own waits do; for threads that serve no requests. At once for 0 or less. */
export function blockThread(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(neverWoken, 0, 0, milliseconds);
}
