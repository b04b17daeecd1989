/**
 * Which orders a backup holds at some positions of the log, so that a later backup with fewer orders can tell whether it
 * holds the same ones: then it is of the same history, as a stale copy is. Else its shop was restored and went on.
 *
 * The last 256 positions are among them, and before those each 128th part of the way back. So a shop that was restored
 * and has sold a 128th part of the orders that it lost is known to have another history; mostly much sooner.
 */
import type { Manifest } from './manifest.ts';

const sharePerSample = 128;

/** Of each SHA-256: two orders have the same with a chance of 1 in 16 million. */
const bytesPerSample = 3;

/** Newest first: the last one itself, and down to some position above 0. */
export function sampledPositions(lastPosition: number): readonly number[] {
  const positions: number[] = [];
  for (let back = 0; back < lastPosition; back += Math.max(1, Math.floor(back / sharePerSample)))
    positions.push(lastPosition - back);
  return positions;
}

/** @param ordersAt SHA-256 sums in hexadecimal, by position @returns base64 */
export function sampleOrders(lastPosition: number, ordersAt: ReadonlyMap<number, string>): string {
  const sums = sampledPositions(lastPosition).map((position) => beginningOf(ordersAt.get(position) ?? ''));
  return Buffer.from(sums.join(''), 'hex').toString('base64');
}

/** Whether both hold an order at some position, and not the same one. @param ordersAt of the other backup */
export function holdsOtherOrders(
  { lastPosition, sampledOrders }: Pick<Manifest, 'lastPosition' | 'sampledOrders'>,
  ordersAt: ReadonlyMap<number, string>,
): boolean {
  if (sampledOrders === null) return false;
  const samples = Buffer.from(sampledOrders, 'base64').toString('hex');
  const characters = 2 * bytesPerSample;
  return sampledPositions(lastPosition).some((position, index) => {
    const sum = ordersAt.get(position);
    const own = samples.slice(index * characters, (index + 1) * characters);
    return sum !== undefined && own !== '' && own !== beginningOf(sum);
  });
}

function beginningOf(sum: string): string {
  return sum.slice(0, 2 * bytesPerSample).padEnd(2 * bytesPerSample, '0');
}
