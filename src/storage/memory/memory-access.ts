/** API keys of the reference model. */
import { type AccessStore, type ApiKey, lastUsedStepMs } from '../access-store.ts';
import type { MemoryContents } from './memory-contents.ts';

export function createMemoryAccess(contents: MemoryContents, assertOpen: () => void): AccessStore {
  const find = (keyId: string) => contents.apiKeys.find((key) => key.keyId === keyId);

  function change(keyId: string, changed: Partial<ApiKey>): void {
    contents.apiKeys = contents.apiKeys.map((key) => (key.keyId === keyId ? { ...key, ...changed } : key));
  }

  return {
    async findApiKey(secretHash) {
      assertOpen();
      return withoutHash(contents.apiKeys.find((key) => key.secretHash === secretHash));
    },

    async listApiKeys(afterKeyId, limit) {
      assertOpen();
      return contents.apiKeys
        .filter(({ keyId }) => afterKeyId === null || keyId > afterKeyId)
        .sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
        .slice(0, limit)
        .flatMap((key) => withoutHash(key) ?? []);
    },

    async createApiKey(key) {
      assertOpen();
      if (contents.apiKeys.some(({ name, revokedAtMs }) => name === key.name && revokedAtMs === null))
        return 'name_taken';
      contents.apiKeys = [...contents.apiKeys, { ...key, revokedAtMs: null, lastUsedAtMs: null }];
      return 'created';
    },

    async revokeApiKey(keyId, atMs) {
      assertOpen();
      if (find(keyId)?.revokedAtMs === null) change(keyId, { revokedAtMs: atMs });
      return withoutHash(find(keyId));
    },

    async noteKeyUse(keyId, atMs) {
      assertOpen();
      const key = find(keyId);
      if (key === undefined) return;
      if (key.lastUsedAtMs === null || key.lastUsedAtMs <= atMs - lastUsedStepMs)
        change(keyId, { lastUsedAtMs: atMs });
    },
  };
}

function withoutHash(key: MemoryContents['apiKeys'][number] | undefined): ApiKey | null {
  if (key === undefined) return null;
  const { secretHash: _, ...rest } = key;
  return structuredClone(rest);
}
