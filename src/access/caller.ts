/** The caller of a request or a command, as far as the program knows it. */
import type { Grant } from '../domain/grant.ts';
import type { Scope } from './scope.ts';

export type Caller =
  /** Sends neither an API key nor, where that counts, an order's key. */
  | { readonly kind: 'anyone' }
  /** Shows the key of the order that the request is about. */
  | { readonly kind: 'holder' }
  | {
      readonly kind: 'key';
      readonly keyId: string;
      readonly name: string;
      readonly scopes: ReadonlySet<Scope>;
      /** Null for a key that does not expire. */
      readonly expiresAtMs: number | null;
      /** For the batch to check, when the key was not read for this request; else null. */
      readonly grant: Grant | null;
    }
  /** Runs `nozama` on a machine that reaches the database: may do everything. */
  | { readonly kind: 'cli' };

/** A caller whose key was not read for this request. */
export function isRecalled(caller: Caller): boolean {
  return caller.kind === 'key' && caller.grant !== null;
}

export const anyone: Caller = { kind: 'anyone' };
export const holder: Caller = { kind: 'holder' };
export const commandLine: Caller = { kind: 'cli' };

export function mayDo(caller: Caller, scope: Scope): boolean {
  return caller.kind === 'cli' || (caller.kind === 'key' && caller.scopes.has(scope));
}

/** The caller as events, stock movements and the audit log name it: `shopper`, `key:NAME` or `cli`. */
export function actorOf(caller: Caller): string {
  if (caller.kind === 'key') return `key:${caller.name}`;
  return caller.kind === 'cli' ? 'cli' : 'shopper';
}
