/** A request of a slow client, which sends in pieces. */
import type { Connection } from './connection.ts';

/** From one piece to the next, in milliseconds. */
const pieceMs = 50;

/**
 * @param bytes must stay as they are until all are sent
 * @param wait calls back after so many milliseconds, unless the request has ended by then
 */
export function sendInPieces(
  connection: Connection,
  bytes: Uint8Array,
  bytesPerSecond: number,
  keepsBody: boolean,
  wait: (ms: number, then: () => void) => void,
): void {
  const pieceBytes = Math.max(1, Math.round((bytesPerSecond * pieceMs) / 1_000));
  const everyMs = (pieceBytes / bytesPerSecond) * 1_000;
  const startedAtMs = performance.now();
  let sent = Math.min(pieceBytes, bytes.length);
  connection.send(bytes.subarray(0, sent), keepsBody);
  // By the clock, because timers are late and would add up.
  const sendMore = () => {
    const pieces = 1 + Math.floor((performance.now() - startedAtMs) / everyMs);
    const until = Math.min(bytes.length, pieces * pieceBytes);
    if (until > sent) connection.write(bytes.subarray(sent, until));
    sent = Math.max(sent, until);
    if (sent < bytes.length) wait(everyMs, sendMore);
  };
  if (sent < bytes.length) wait(everyMs, sendMore);
}
