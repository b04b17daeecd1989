import { z } from 'zod';
import { type SettingGroup, type Settings, trueOrFalse, wholeNumber } from './setting.ts';

export const httpSettings = {
  host: {
    name: 'HOST',
    schema: z.string().min(1),
    expected: 'a host name or address to listen on',
    default: '127.0.0.1',
    description:
      'The address to listen on. `127.0.0.1` is reached from this machine alone, `0.0.0.0` from everywhere.',
    example: '0.0.0.0',
  },
  port: {
    name: 'PORT',
    ...wholeNumber('a port', 0, 65_535),
    default: '5000',
    description: 'The port to listen on. 0 takes any free port, and the log says which.',
    example: '8080',
  },
  /** Whether other processes of the same user may listen on the port too, so that one can take over from another. */
  isPortShared: {
    name: 'PORT_SHARED',
    ...trueOrFalse,
    default: 'false',
    description:
      'Whether another process of the same user may listen on the port too (SO_REUSEPORT), so that a new process [takes over without a pause](UPGRADES.md). Two different shops must never share a port: each would get half of the orders.',
  },
  bodyBytesMax: {
    name: 'BODY_BYTES_MAX',
    ...wholeNumber('bytes', 1_024, 1_048_576),
    default: '65536',
    description: 'The largest body of a request. A larger one is answered with 413.',
  },
  /** From the start of reading a body to its end. */
  bodyTimeoutMs: {
    name: 'BODY_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 100, 255_000),
    default: '10000',
    description: 'The time in which a body must arrive. A slower one is answered with 408.',
  },
  idleTimeoutMs: {
    name: 'IDLE_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 1_000, 255_000),
    default: '75000',
    description:
      'How long a connection may stay open without a request. Keep it above the idle timeout of a load balancer in front.',
  },
  /** From the signal to stop: requests are still taken, and only /readyz says that the service stops. */
  shutdownDelayMs: {
    name: 'SHUTDOWN_DELAY_MS',
    ...wholeNumber('milliseconds', 0, 600_000),
    default: '0',
    description:
      'How long requests are still taken after SIGTERM, while `/readyz` already answers 503: as long as a load balancer needs to send requests elsewhere. 0 without a load balancer.',
    example: '15000',
  },
  shutdownTimeoutMs: {
    name: 'SHUTDOWN_TIMEOUT_MS',
    ...wholeNumber('milliseconds', 100, 600_000),
    default: '8000',
    description: 'How long requests under way may take to end after that delay.',
  },
} satisfies Settings;

export const httpGroup: SettingGroup = { title: 'Listening', settings: httpSettings };
