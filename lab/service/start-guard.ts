/** See guard.ts. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

type Thing = `process ${number}` | `mount ${string}` | `folder ${string}`;

export interface Guard {
  /** The guard removes it, if this process ends before it has called {@link dropped}. */
  holds(thing: Thing): void;
  dropped(thing: Thing): void;
  /** It ends. */
  dismiss(): void;
}

/** @throws when it can't be started: then nothing else should be */
export async function startGuard(): Promise<Guard> {
  const options = process.versions['bun'] === undefined ? [] : ['--no-env-file'];
  const child = spawn(process.execPath, [...options, join(import.meta.dirname, 'guard.ts')], {
    cwd: '/',
    // Ctrl-C in a terminal must end us, and not the guard.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { stdin } = child;
  stdin.on('error', () => undefined);
  child.unref();
  // On Node it would keep us going; Bun's never does, and can't be asked.
  (stdin as { unref?: () => void }).unref?.();
  return {
    holds: (thing) => {
      stdin.write(`+ ${thing}\n`);
    },
    dropped: (thing) => {
      stdin.write(`- ${thing}\n`);
    },
    dismiss: () => {
      stdin.end();
    },
  };
}
