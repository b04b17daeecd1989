/** An API key as clients see it: never the key itself. */
import { z } from 'zod';
import type { ApiKey } from '../../storage/access-store.ts';

const time = (description: string) => z.string().meta({ description, format: 'date-time' });

export const apiKeySchema = z
  .object({
    key_id: z.string().meta({ description: 'UUIDv7 (RFC 9562).' }),
    name: z.string(),
    prefix: z.string().meta({ description: 'How the key begins, for people to tell keys apart.' }),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'expired', 'revoked']),
    created_at: time('RFC 3339, UTC.'),
    expires_at: time('Null for a key that does not expire.').nullable(),
    revoked_at: time('Null for a key that is not revoked.').nullable(),
    last_used_at: time('Within a minute; null for a key that was not used yet.').nullable(),
  })
  .meta({ id: 'ApiKey' });

export type KeyStatus = z.output<typeof apiKeySchema>['status'];

export function keyStatusOf({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): KeyStatus {
  if (revokedAtMs !== null) return 'revoked';
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'active';
}

export function representApiKey(key: ApiKey, nowMs: number): z.input<typeof apiKeySchema> {
  return {
    key_id: key.keyId,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    status: keyStatusOf(key, nowMs),
    created_at: timeText(key.createdAtMs),
    expires_at: timeTextOrNull(key.expiresAtMs),
    revoked_at: timeTextOrNull(key.revokedAtMs),
    last_used_at: timeTextOrNull(key.lastUsedAtMs),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function timeTextOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}
