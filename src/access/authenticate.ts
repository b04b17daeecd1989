/** From the key that a caller shows to the caller. The database is asked each time: see `access-store.ts`. */
import { type AccessStore, type ApiKey, lastUsedStepMs } from '../storage/access-store.ts';
import { isWellFormedKey, secretHashOf } from './api-key.ts';
import type { Caller } from './caller.ts';
import { isScope } from './scope.ts';

/** Why a key is none that opens anything. Only a caller who has the whole key learns that it is revoked or expired. */
export type KeyRefusal = 'malformed' | 'unknown' | 'revoked' | 'expired';

/** Rejects when the store can't be read. */
export type Authenticate = (key: string) => Promise<Caller | KeyRefusal>;

export interface AuthenticateOptions {
  readonly store: Pick<AccessStore, 'findApiKey' | 'noteKeyUse'>;
  readonly nowMs: () => number;
  /** Called when a use could not be remembered; the caller is served all the same. */
  readonly onNoteFailed: (error: unknown) => void;
  readonly onRefused: (refusal: KeyRefusal) => void;
  /** Called for each use of a key that expires one day. */
  readonly onExpiringUsed: (keyId: string, expiresAtMs: number) => void;
}

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { store, nowMs, onNoteFailed, onRefused, onExpiringUsed } = options;
  /** Keys whose use is being written: one write for each is under way at the most. */
  const noting = new Set<string>();

  /** Never waited for: the time of the last use must not delay an answer. */
  function noteUse({ keyId, lastUsedAtMs }: ApiKey, atMs: number): void {
    if (noting.has(keyId) || (lastUsedAtMs !== null && lastUsedAtMs > atMs - lastUsedStepMs)) return;
    noting.add(keyId);
    store
      .noteKeyUse(keyId, atMs)
      .catch(onNoteFailed)
      .finally(() => noting.delete(keyId));
  }

  async function callerOf(text: string): Promise<Caller | KeyRefusal> {
    if (!isWellFormedKey(text)) return 'malformed';
    const key = await store.findApiKey(secretHashOf(text));
    if (key === null) return 'unknown';
    const atMs = nowMs();
    if (key.revokedAtMs !== null) return 'revoked';
    if (key.expiresAtMs !== null && key.expiresAtMs <= atMs) return 'expired';
    noteUse(key, atMs);
    const { keyId, name, scopes, expiresAtMs } = key;
    if (expiresAtMs !== null) onExpiringUsed(keyId, expiresAtMs);
    return { kind: 'key', keyId, name, scopes: new Set(scopes.filter(isScope)), expiresAtMs };
  }

  return async (text) => {
    const caller = await callerOf(text);
    if (typeof caller === 'string') onRefused(caller);
    return caller;
  };
}
