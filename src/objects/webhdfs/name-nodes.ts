/** The name nodes of a cluster, of which one is active and does the calls. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { errorCode } from '../answer-fields.ts';
import { type StoreAnswer, UnansweredError, unreachable } from '../requests.ts';

/** A machine that is down drops packets. Then the next name node is asked after this time. */
const connectMsMax = 3_000;

/**
 * Sends to the name node that was the active one, and goes on to the next when a standby one refuses the call or when the
 * call could not be sent: neither has done it. After a lost answer the next call begins at the next name node. The last
 * answer or error is that of the call.
 * @param origins such as `http://namenode:9870`, one or more
 * @param timeoutMs for an answer, which bounds the time for a connection too
 */
export function activeOf(description: string, origins: readonly string[], timeoutMs: number) {
  const connectMs = Math.min(connectMsMax, timeoutMs);
  let active = 0;
  const goOnFrom = (at: number) => {
    // Another call may have gone on already.
    if (active === at) active = (at + 1) % origins.length;
  };
  return async <Answer extends StoreAnswer | null>(
    send: (origin: string) => Promise<Answer>,
  ): Promise<Answer> => {
    for (let tries = 1; ; tries += 1) {
      const at = active;
      const origin = origins[at] ?? '';
      try {
        if (origins.length > 1) await assertListening(description, origin, connectMs);
        const answer = await send(origin);
        if (answer !== null && (!isStandby(answer) || tries >= origins.length)) return answer;
        goOnFrom(at);
        if (answer === null) return answer;
      } catch (error) {
        if (!(error instanceof UnansweredError) || tries >= origins.length) throw error;
        goOnFrom(at);
      }
    }
  };
}

function isStandby(answer: StoreAnswer): boolean {
  return answer.status >= 300 && errorCode(answer) === 'StandbyException';
}

/** A runtime's own limit for a connection is 10 seconds, or that for the whole answer. */
async function assertListening(description: string, origin: string, connectMs: number): Promise<void> {
  const { hostname, port, protocol } = new URL(origin);
  const usualPort = protocol === 'https:' ? 443 : 80;
  const socket = connect(Number(port) || usualPort, hostname.replaceAll(/[[\]]/g, ''));
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) });
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === 'AbortError';
    const error = isLate ? new DOMException('no connection in time', 'TimeoutError') : cause;
    throw unreachable(description, error, connectMs);
  } finally {
    // An error after this has no reader.
    socket.on('error', () => undefined).destroy();
  }
}
