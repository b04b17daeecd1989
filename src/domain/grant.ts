/**
 * What an API key allowed when it was last read. The transaction that decides a command checks whether the key still
 * allows the same: a right that is taken away anywhere ends at that commit, and nothing has to be read beforehand.
 */
export interface Grant {
  /** Of the API key. */
  readonly keyId: string;
  /** All that decides which right the key gives, as one text: equal exactly when the rights are. */
  readonly rights: string;
}

/** Rights of API keys, by key id; a key that is revoked or unknown gives none. */
export type RightsByKey = ReadonlyMap<string, string>;

export const noRights: RightsByKey = new Map();

/** @param grant null: the key was read for this request, or none is needed */
export function isGranted(grant: Grant | null, rights: RightsByKey): boolean {
  return grant === null || rights.get(grant.keyId) === grant.rights;
}
