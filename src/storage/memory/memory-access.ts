/** API keys and the audit log of the reference model. */
import type { RightsByKey } from '../../domain/grant.ts';
import { type AccessStore, type ApiKey, lastUsedStepMs, rightsOf } from '../access-store.ts';
import { type AuditDraft, auditHash, toAuditEntry, toAuditRow } from '../audit-log.ts';
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

    async createApiKey(key, audit) {
      assertOpen();
      if (contents.apiKeys.some(({ name, revokedAtMs }) => name === key.name && revokedAtMs === null))
        return 'name_taken';
      if (
        contents.apiKeys.some(({ keyId, secretHash }) => keyId === key.keyId || secretHash === key.secretHash)
      )
        throw new Error('two keys have one id or one secret');
      appendAudit(contents, [audit]);
      contents.apiKeys = [...contents.apiKeys, { ...key, revokedAtMs: null, lastUsedAtMs: null }];
      return 'created';
    },

    async revokeApiKey(keyId, audit) {
      assertOpen();
      if (find(keyId)?.revokedAtMs === null) {
        appendAudit(contents, [audit]);
        change(keyId, { revokedAtMs: audit.atMs });
      }
      return withoutHash(find(keyId));
    },

    async noteKeyUse(keyId, atMs) {
      assertOpen();
      const key = find(keyId);
      if (key === undefined || key.revokedAtMs !== null) return;
      if (key.lastUsedAtMs === null || key.lastUsedAtMs <= atMs - lastUsedStepMs)
        change(keyId, { lastUsedAtMs: atMs });
    },

    async readAudit(beforePosition, limit) {
      assertOpen();
      return contents.audit
        .filter(({ position }) => beforePosition === null || position < beforePosition)
        .reverse()
        .slice(0, limit)
        .map(toAuditEntry);
    },

    async readAuditHead() {
      assertOpen();
      return { ...contents.auditHead };
    },
  };
}

export function readRights({ apiKeys }: MemoryContents, keyIds: readonly string[]): RightsByKey {
  const usable = apiKeys.filter(({ keyId, revokedAtMs }) => revokedAtMs === null && keyIds.includes(keyId));
  return new Map(usable.map((key) => [key.keyId, rightsOf(key)]));
}

/** To be called with the change that the drafts tell of. */
export function appendAudit(contents: MemoryContents, drafts: readonly AuditDraft[]): void {
  for (const row of drafts.map(toAuditRow)) {
    const position = contents.auditHead.position + 1;
    const hash = auditHash(contents.auditHead.hash, position, row);
    contents.audit = [...contents.audit, { ...row, position, hash }];
    contents.auditHead = { position, hash };
  }
}

/** Of entries that the holders of these orders have caused; the chain stays whole. */
export function eraseAddresses(contents: MemoryContents, subjects: readonly string[]): void {
  if (subjects.length === 0) return;
  contents.audit = contents.audit.map((row) => {
    const { actor, subject } = toAuditEntry(row);
    return actor === 'shopper' && subjects.includes(subject)
      ? { ...row, address: null, addressSalt: null }
      : row;
  });
}

function withoutHash(key: MemoryContents['apiKeys'][number] | undefined): ApiKey | null {
  if (key === undefined) return null;
  const { secretHash: _, ...rest } = key;
  return structuredClone(rest);
}
