/**
 * The port of a store that keeps objects below one address, such as the tables of a lake.
 *
 * An implementation guarantees: an object is there whole or not at all. It is durable once a call resolves, and every
 * call that begins after that sees it. {@link ObjectStore.create} is never repeated blindly.
 */

/**
 * `created`: the object has our content. `exists`: it was there before, and is unchanged. `unknown`: no answer came, or
 * none that settles it. The caller then reads the object and looks whose content it has. While it is absent, the lost
 * call may still be on its way: the caller calls create again with the same content, and not with another.
 */
export type CreateOutcome = 'created' | 'exists' | 'unknown';

export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
  /** By the store's clock. */
  readonly changedAtMs: number;
}

/**
 * Names are relative to the store's address, such as `orders/_delta_log/00000000000000000000.json`; see
 * {@link assertObjectName}. Everything throws ObjectStoreError, in a sentence without credentials.
 */
export interface ObjectStore {
  /** For messages; it never holds a credential. */
  readonly description: string;
  /**
   * Objects whose names begin with `prefix`, in the order of the UTF-8 bytes of their names. Objects that appear or go
   * while the listing is read may be missing or not.
   * @param after only names behind it; it need not exist
   */
  list(prefix: string, after?: string): AsyncIterable<ListedObject>;
  /**
   * The whole object. Null when there is none.
   * @param bytesMax a longer object is refused; {@link objectBytesMax} unless told
   */
  read(name: string, bytesMax?: number): Promise<Uint8Array | null>;
  /** Replaces an object that is there. @param content of {@link objectBytesMax} at most */
  write(name: string, content: Uint8Array): Promise<void>;
  /**
   * Writes the object if it is absent: of several creators of one name, one wins. It throws only when nothing was
   * created.
   * @param content of {@link objectBytesMax} at most
   */
  create(name: string, content: Uint8Array): Promise<CreateOutcome>;
  /** Succeeds also when there is no such object. */
  remove(name: string): Promise<void>;
}

/** Of one object, which is in memory whole: 256 MiB. */
export const objectBytesMax = 256 * 1024 ** 2;

/** What every kind of store needs to be opened. */
export interface ObjectStoreOptions {
  /** Where the credentials are; never in the address, which others can see. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For one answer, in milliseconds; 120,000 unless told. Larger objects get more. */
  readonly timeoutMs?: number | undefined;
}
