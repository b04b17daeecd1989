import { type ContainerAddress, readPrefix } from '../container-address.ts';

/** `s3://BUCKET/PREFIX`. @returns null for any other text */
export function readS3Address(address: string): ContainerAddress | null {
  const [, container, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/.*)?$/.exec(address) ?? [];
  const prefix = readPrefix(path);
  return container === undefined || prefix === null ? null : { container, prefix };
}
