/** A request of the benchmark, whose bytes are written anew each time it is sent. */
import type { RequestStep } from '../scenarios/scenario.ts';

/** Made once for many requests, it is only ever changed in its bytes. */
export type ReadyRequest = { -readonly [Key in keyof RequestStep]: RequestStep[Key] };

/** @param acceptStatuses as good as the expected one */
export function readyRequest(
  { acceptStatuses }: { readonly acceptStatuses: readonly number[] },
  route: string,
  expects: number,
  keepsBody = false,
): ReadyRequest {
  return {
    kind: 'request',
    route,
    bytes: new Uint8Array(),
    expects: [expects, ...acceptStatuses],
    keepsBody,
    order: null,
    bytesPerSecond: null,
  };
}
