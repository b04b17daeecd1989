/** One process on SQLite takes over from another: both listen on the port for a moment. */
import assert from 'node:assert/strict';
import { platform } from 'node:os';
import { describe, test } from 'node:test';
import { findFixedPort } from '../../lab/service/fixed-port.ts';
import { runtimeUnderTest, ServiceStartError, startService } from '../service.ts';
import { replaceUnderLoad } from './replace-process.ts';

// Elsewhere the system does not spread connections over those who share a port.
describe('a process that takes over', { skip: platform() === 'linux' ? false : 'Linux shares ports' }, () => {
  test('does so without a pause, and no order is lost or doubled', async () => {
    const rounds = 3;
    const runtime = runtimeUnderTest();
    const { failures, requests } = await replaceUnderLoad({ way: 'take over', rounds, runtime });
    // Linux resets what waits unaccepted at a socket that is closed: on a busy machine a connection may.
    assert.ok(failures.length <= rounds, `${failures.length} of ${requests} failed: ${failures.join(', ')}`);
  });

  test('can do so only where both say that they share the port', async () => {
    const PORT = String(await findFixedPort());
    for (const [first, second] of [
      ['false', 'true'],
      ['true', 'false'],
    ] as const) {
      await using _service = await startService({ env: { PORT, PORT_SHARED: first, LOG_FILE: '' } });
      await assert.rejects(
        startService({ env: { PORT, PORT_SHARED: second, LOG_FILE: '' } }),
        (error) => error instanceof ServiceStartError && /is taken by another program/.test(error.output),
      );
    }
  });
});

test('a restart keeps every order, and those that met a closed door are placed when they are sent again', async () => {
  const { orders } = await replaceUnderLoad({ way: 'restart', rounds: 2, runtime: runtimeUnderTest() });
  assert.ok(orders > 20);
});
