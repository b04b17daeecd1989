/** Ports that a server can give up and take again. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const lowest = 15_000;
const tries = 200;

/**
 * A free port on loopback that the kernel gives to no outgoing connection: one that it may give could be taken,
 * or even answer itself, while its server is down and clients go on trying.
 */
export async function findFixedPort(): Promise<number> {
  const end = firstEphemeralPort();
  for (let i = 0; i < tries; i += 1) {
    const port = lowest + Math.floor(Math.random() * (end - lowest));
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${tries} ports from ${lowest} to ${end - 1} was free`);
}

function firstEphemeralPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    if (first > lowest + tries) return first;
  } catch {
    // Not Linux; elsewhere they begin here or above.
  }
  return 32_768;
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
