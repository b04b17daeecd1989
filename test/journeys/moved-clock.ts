/** The command line on a machine whose clock is wrong. */
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimeCommand, runtimeUnderTest } from '../service.ts';

/** @returns a program that is `nozama` with its clock ahead by so many seconds, back when negative */
export function withClock(folder: string, aheadSeconds: number): string {
  const own = mkdtempSync(join(folder, 'clock-'));
  const clock = join(own, 'ahead');
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(aheadSeconds);
  writeFileSync(clock, bytes);
  const runtime = runtimeUnderTest();
  const moved = fileURLToPath(new URL('../../lab/service/moved-clock.ts', import.meta.url));
  const cli = fileURLToPath(new URL('../../src/cli/cli.ts', import.meta.url));
  const preload = runtime === 'bun' ? '--preload' : '--import';
  const command = [...runtimeCommand(runtime), preload, moved, cli].map((word) => `'${word}'`).join(' ');
  const program = join(own, 'nozama');
  writeFileSync(program, `#!/bin/sh\nCLOCK_AHEAD_FILE='${clock}' exec ${command} "$@"\n`);
  chmodSync(program, 0o700);
  return program;
}
