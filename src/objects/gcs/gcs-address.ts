import { type ContainerAddress, readPrefix } from '../container-address.ts';

/** `gs://BUCKET/PREFIX`. @returns null for any other text */
export function readGcsAddress(address: string): ContainerAddress | null {
  const [, container, path = ''] = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(\/.*)?$/.exec(address) ?? [];
  const prefix = readPrefix(path);
  return container === undefined || prefix === null ? null : { container, prefix };
}
