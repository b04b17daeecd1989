/**
 * Writes the answer to every order, in the format of `lab/truth/truth.ts`.
 *
 * Lines are gathered in memory and written when `bufferBytes` are full, each second, and at the end: a worker
 * that is killed loses a second of them at the most.
 */
import { hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { RequestStep } from '../scenarios/scenario.ts';
import { confirmationPath } from './confirmation-path.ts';
import type { OrderSink } from './load-user.ts';

export interface Ledger extends OrderSink {
  flush(): void;
  close(): void;
}

/** Of one worker's file: some ninety million orders, more than a day of the fastest service here. */
const ledgerBytesMax = 32 * 1_024 ** 3;

const bufferBytes = 512 * 1_024;
const flushMs = 1_000;
const digestDigits = 16;

/**
 * @param file made anew
 * @throws Error from any of its methods when the disk or `bytesMax` has no room for a line: an order that is not
 *   written down can't be looked up, so the run has to end
 */
export function openLedger(file: string, bytesMax = ledgerBytesMax): Ledger {
  const descriptor = openSync(file, 'w');
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let used = 0;
  let bytesWritten = 0;

  function flush(): void {
    if (bytesWritten + used > bytesMax)
      throw new Error(`the ledger of a worker has reached its ${bytesMax} bytes: please split the run`);
    let written = 0;
    while (written < used) written += writeSync(descriptor, buffer, written, used - written);
    bytesWritten += used;
    used = 0;
  }

  function append(before: string, body: Uint8Array): void {
    // A character takes three bytes at the most.
    const needed = before.length * 3 + body.length + 1;
    if (used + needed > bufferBytes) flush();
    if (needed > bufferBytes)
      throw new RangeError(`an order of ${body.length} bytes is too long for the ledger`);
    used += buffer.write(before, used);
    buffer.set(body, used);
    used += body.length;
    buffer[used] = 0x0a;
    used += 1;
  }

  const timer = setInterval(flush, flushMs);
  timer.unref();

  return {
    wrote({ order }: RequestStep, status, answer) {
      if (order === null) return;
      const isPlaced = status === 201;
      const path = isPlaced ? oneLine((confirmationPath(answer) ?? '').toString()) : '';
      const digest = isPlaced ? hash('sha1', answer, 'hex').slice(0, digestDigits) : '';
      append(`${oneLine(order.key)}\t${status}\t${path}\t${digest}\t`, oneLineBytes(order.body));
    },
    flush,
    close() {
      clearInterval(timer);
      flush();
      closeSync(descriptor);
    },
  };
}

const separators = /[\t\r\n]/;
const allSeparators = /[\t\r\n]/g;

function oneLine(text: string): string {
  return separators.test(text) ? text.replace(allSeparators, ' ') : text;
}

/** JSON has tabs and line ends only between its parts, where a space is as good. */
function oneLineBytes(bytes: Uint8Array): Uint8Array {
  for (const byte of [0x0a, 0x0d, 0x09]) {
    if (bytes.includes(byte))
      return bytes.map((other) => (other === 9 || other === 10 || other === 13 ? 32 : other));
  }
  return bytes;
}
