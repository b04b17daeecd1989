/** `nozama keys`: makes, lists and revokes API keys. The very first key of a shop is made here. */
import { keyDaysMax, keyNamePattern, makeApiKey } from '../access/api-key.ts';
import { isScope, type Scope, scopeNames, scopes } from '../access/scope.ts';
import type { AccessStore, ApiKey, NewApiKey } from '../storage/access-store.ts';
import type { AuditDraft } from '../storage/audit-log.ts';
import { databaseAt } from '../storage/engines.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { auditOfCommand } from './command-line-audit.ts';
import { loadConfig } from './load-config.ts';

const dayMs = 24 * 60 * 60_000;

/** Keys that are read from the store at a time. */
const pageKeys = 100;

const scopeWidth = Math.max(...scopeNames.map(({ length }) => length));

export const command: Command = {
  usage: `Makes, lists and revokes the API keys of the shop in DATABASE_URL. A service that runs knows of it at once.

Usage: nozama keys create --name NAME --scopes SCOPE,SCOPE… [--expires-in-days DAYS]
       nozama keys list
       nozama keys revoke KEY

  --name             1 to 60 letters, digits, dots, hyphens and underscores; no two valid keys share one
  --scopes           what the key may do, separated by commas:
${scopeNames.map((name) => `                       ${name.padEnd(scopeWidth)}  ${scopes[name]}`).join('\n')}
  --expires-in-days  1 to ${keyDaysMax}; without it the key does not expire
  KEY                the id, name or first characters (nzm_…) of a key, as the list has them

create prints the key to standard output, once: only its SHA-256 is stored. Callers send it as
Authorization: Bearer nzm_….
Exit codes: 0 done, 1 failed, or there is no such key; 2 wrong arguments or configuration.
`,
  options: { name: { type: 'string' }, scopes: { type: 'string' }, 'expires-in-days': { type: 'string' } },
  positionals: ['create, list or revoke', 'KEY'],
  async run(given) {
    const work = workOf(given);
    const { databaseUrl, engineSettings } = loadConfig();
    const store = await databaseAt(databaseUrl, engineSettings).open();
    try {
      return await work(store.access);
    } finally {
      await store.close();
    }
  },
};

type Work = (access: AccessStore) => Promise<number>;

/** @throws UsageError */
function workOf({ values, positionals: [action, subject] }: CommandArguments): Work {
  const options = Object.keys(values).filter((name) => values[name] !== undefined);
  if (action === 'create') {
    if (subject !== undefined) throw new UsageError('nozama keys create takes --name NAME, and no KEY.');
    return createKey(values);
  }
  if (options.length > 0) throw new UsageError('Only nozama keys create takes options.');
  if (action === 'list' && subject === undefined) return listKeys;
  if (action === 'revoke' && subject !== undefined) return (access) => revokeKey(access, subject);
  throw new UsageError('nozama keys needs create, list, or revoke KEY.');
}

function createKey(values: CommandArguments['values']): Work {
  const name = nameIn(values['name']);
  const granted = scopesIn(values['scopes']);
  const days = daysIn(values['expires-in-days']);
  return async (access) => {
    const nowMs = Date.now();
    const expiresAtMs = days === null ? null : nowMs + days * dayMs;
    const { key, stored } = makeApiKey({ name, scopes: granted, expiresAtMs }, nowMs);
    if ((await access.createApiKey(stored, auditOfNewKey(stored))) === 'name_taken') {
      process.stderr.write(
        `A key named ${name} is there already. Choose another name, or revoke it first: nozama keys revoke ${name}\n`,
      );
      return 1;
    }
    process.stderr.write(
      `The key ${name} is made (id ${stored.keyId}). It is shown this once; keep it like a password:\n`,
    );
    process.stdout.write(`${key}\n`);
    return 0;
  };
}

function auditOfNewKey({ keyId, name, scopes: granted, expiresAtMs }: NewApiKey): AuditDraft {
  const detail = { name, scopes: granted, expiresAtMs };
  return auditOfCommand({ action: 'api_key.create', subject: `api_key:${keyId}`, detail });
}

function nameIn(name: string | boolean | undefined): string {
  if (typeof name !== 'string') throw new UsageError('nozama keys create needs --name NAME.');
  if (!keyNamePattern.test(name))
    throw new UsageError(
      '--name must be 1 to 60 letters, digits, dots, hyphens and underscores, such as erp, and begin with a letter or digit.',
    );
  return name;
}

function scopesIn(list: string | boolean | undefined): readonly Scope[] {
  const named = typeof list === 'string' ? list.split(',').flatMap((name) => name.trim() || []) : [];
  if (named.length === 0)
    throw new UsageError(`nozama keys create needs --scopes, of ${scopeNames.join(', ')}.`);
  const unknown = named.find((name) => !isScope(name));
  if (unknown !== undefined)
    throw new UsageError(`${JSON.stringify(unknown)} is no scope. There are ${scopeNames.join(', ')}.`);
  return named.filter(isScope);
}

/** Null without it. */
function daysIn(text: string | boolean | undefined): number | null {
  if (text === undefined) return null;
  const days = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > keyDaysMax)
    throw new UsageError(`--expires-in-days must be a whole number of days from 1 to ${keyDaysMax}.`);
  return days;
}

async function listKeys(access: AccessStore): Promise<number> {
  const rows: string[][] = [];
  const nowMs = Date.now();
  for await (const key of allKeys(access)) {
    rows.push([
      key.name,
      `${key.prefix}_…`,
      key.scopes.join(','),
      statusOf(key, nowMs),
      key.lastUsedAtMs === null ? 'not used yet' : `last used ${timeText(key.lastUsedAtMs)}`,
      key.keyId,
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`);
  if (rows.length === 0)
    process.stdout.write('This shop has no API keys. nozama keys create makes the first.\n');
  return 0;
}

function statusOf({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): string {
  if (revokedAtMs !== null) return `revoked ${timeText(revokedAtMs)}`;
  if (expiresAtMs === null) return 'does not expire';
  return `${expiresAtMs <= nowMs ? 'expired' : 'expires'} ${timeText(expiresAtMs)}`;
}

/** Such as `2026-01-05T12:00Z`. */
function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

async function* allKeys(access: AccessStore): AsyncGenerator<ApiKey> {
  let after: string | null = null;
  for (;;) {
    const page: readonly ApiKey[] = await access.listApiKeys(after, pageKeys);
    yield* page;
    after = page.at(-1)?.keyId ?? null;
    if (page.length < pageKeys) return;
  }
}

/** Of keys that share a name at most one is not revoked. */
async function revokeKey(access: AccessStore, subject: string): Promise<number> {
  let revokedBefore: ApiKey | null = null;
  for await (const key of allKeys(access)) {
    if (![key.keyId, key.name, key.prefix].includes(subject)) continue;
    if (key.revokedAtMs !== null) {
      revokedBefore = key;
      continue;
    }
    await access.revokeApiKey(
      key.keyId,
      auditOfCommand({
        action: 'api_key.revoke',
        subject: `api_key:${key.keyId}`,
        detail: { name: key.name },
      }),
    );
    process.stdout.write(`The key ${key.name} (${key.prefix}_…) is revoked: it is refused from now on.\n`);
    return 0;
  }
  if (revokedBefore !== null) {
    process.stdout.write(`The key ${revokedBefore.name} was revoked before: nothing changed.\n`);
    return 0;
  }
  process.stderr.write('There is no such key. nozama keys list shows all.\n');
  return 1;
}
