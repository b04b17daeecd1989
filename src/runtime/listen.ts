import type { Listener, ListenOptions } from './listener.ts';

/** Such as `bun 1.4.5`. */
export function runtimeVersion(): string {
  return process.versions['bun'] === undefined
    ? `node ${process.versions.node}`
    : `bun ${process.versions['bun']}`;
}

/** Serves HTTP on the runtime we are running on. @throws ListenError */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { listenHere } =
    process.versions['bun'] === undefined ? await import('./node.ts') : await import('./bun.ts');
  return listenHere(options);
}
