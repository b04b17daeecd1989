/**
 * From the key that a caller shows to the caller.
 *
 * The database is asked for each request, except where the transaction that decides the request's command checks the
 * key itself (`Grant`): such a caller is recognised by what was read of its key. Always holds: a request that comes in
 * after the revocation of its key is committed does nothing, on whichever instance. Limits: {@link knownKeysMax} keys are
 * remembered.
 */
import { type AccessStore, type ApiKey, lastUsedStepMs, rightsOf } from '../storage/access-store.ts';
import { isWellFormedKey, secretHashOf } from './api-key.ts';
import type { Caller } from './caller.ts';
import { isScope } from './scope.ts';

/** Why a key is none that opens anything. Only a caller who has the whole key learns that it is revoked or expired. */
export type KeyRefusal = 'malformed' | 'unknown' | 'revoked' | 'expired';

/** Rejects when the store can't be read. */
export type Authenticate = (key: string) => Promise<Caller | KeyRefusal>;

/** The caller as the key was read last, with the grant to be checked; null for a key that has to be read. */
export type RecallCaller = (key: string) => Caller | null;

/** Some 500 bytes each. Of more, those that were read longest ago are read again. */
export const knownKeysMax = 1_000;

export interface AuthenticateOptions {
  readonly store: Pick<AccessStore, 'findApiKey' | 'noteKeyUse'>;
  readonly nowMs: () => number;
  /** Called when a use could not be remembered; the caller is served all the same. */
  readonly onNoteFailed: (error: unknown) => void;
  readonly onRefused: (refusal: KeyRefusal) => void;
  /** Called for each use of a key that expires one day. */
  readonly onExpiringUsed: (keyId: string, expiresAtMs: number) => void;
}

/** A key that may be used, as it was read. */
interface KnownKey {
  readonly caller: Extract<Caller, { kind: 'key' }>;
  /** The same with the grant that a batch checks. */
  readonly recalled: Caller;
  lastUsedAtMs: number | null;
}

export function createAuthenticate(options: AuthenticateOptions): {
  readonly authenticate: Authenticate;
  readonly recallCaller: RecallCaller;
} {
  const { store, nowMs, onRefused, onExpiringUsed } = options;
  /** By the hash of their secret, in the order of their reading. */
  const known = new Map<string, KnownKey>();
  const noteUse = createUseNotes(options);

  function use(key: KnownKey, atMs: number): void {
    noteUse(key, atMs);
    const { keyId, expiresAtMs } = key.caller;
    if (expiresAtMs !== null) onExpiringUsed(keyId, expiresAtMs);
  }

  async function read(secretHash: string): Promise<Caller | KeyRefusal> {
    const stored = await store.findApiKey(secretHash);
    known.delete(secretHash);
    if (stored === null) return 'unknown';
    const atMs = nowMs();
    if (stored.revokedAtMs !== null) return 'revoked';
    if (isOver(stored, atMs)) return 'expired';
    const key = toKnownKey(stored);
    known.set(secretHash, key);
    if (known.size > knownKeysMax) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    use(key, atMs);
    return key.caller;
  }

  return {
    async authenticate(text) {
      const caller = isWellFormedKey(text) ? await read(secretHashOf(text)) : 'malformed';
      if (typeof caller === 'string') onRefused(caller);
      return caller;
    },

    recallCaller(text) {
      if (known.size === 0 || !isWellFormedKey(text)) return null;
      const key = known.get(secretHashOf(text));
      const atMs = nowMs();
      if (key === undefined || isOver(key.caller, atMs)) return null;
      use(key, atMs);
      return key.recalled;
    },
  };
}

function isOver({ expiresAtMs }: Pick<ApiKey, 'expiresAtMs'>, atMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= atMs;
}

function toKnownKey(stored: ApiKey): KnownKey {
  const { keyId, name, scopes, expiresAtMs, lastUsedAtMs } = stored;
  const caller = {
    kind: 'key',
    keyId,
    name,
    scopes: new Set(scopes.filter(isScope)),
    expiresAtMs,
    grant: null,
  } as const;
  return { caller, recalled: { ...caller, grant: { keyId, rights: rightsOf(stored) } }, lastUsedAtMs };
}

/** Never waited for: the time of the last use must not delay an answer. */
function createUseNotes({ store, onNoteFailed }: AuthenticateOptions): (key: KnownKey, atMs: number) => void {
  /** Keys whose use is being written: one write for each is under way at the most. */
  const noting = new Set<string>();

  return (key, atMs) => {
    const { keyId } = key.caller;
    if (noting.has(keyId) || (key.lastUsedAtMs !== null && key.lastUsedAtMs > atMs - lastUsedStepMs)) return;
    noting.add(keyId);
    store
      .noteKeyUse(keyId, atMs)
      .then(() => {
        key.lastUsedAtMs = atMs;
      }, onNoteFailed)
      .finally(() => noting.delete(keyId));
  };
}
