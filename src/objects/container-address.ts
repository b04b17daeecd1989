/** Where objects are in a store with containers. */
export interface ContainerAddress {
  /** The name of the bucket, or the address of the container. */
  readonly container: string;
  /** Of all objects; without a slash at either end; empty for none. */
  readonly prefix: string;
}

/** Characters that no store escapes, and `=` of partitions; no segment is only dots. */
const prefixPattern = /^(?!\.+(\/|$))[\w.=-]+(\/(?!\.+(\/|$))[\w.=-]+)*$/;

/**
 * @param path of an address below its bucket, container or host; one slash at either end is left out
 * @returns null when it can't be a prefix
 */
export function readPrefix(path: string): string | null {
  const prefix = path.replace(/^\//, '').replace(/\/$/, '');
  return prefix === '' || prefixPattern.test(prefix) ? prefix : null;
}
