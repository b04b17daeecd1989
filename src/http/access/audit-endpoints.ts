/** `/api/v1/audit`: the changes that needed a right, and who made them. */
import { z } from 'zod';
import type { AuditEntry } from '../../storage/audit-log.ts';
import { endpoint } from '../endpoint.ts';
import { cursorParameter, linkHeader, nextLink, nextPage, pageLimitParameter } from '../request/list-page.ts';

const hashSchema = z.string().meta({ description: 'SHA-256, 64 hexadecimal digits.' });

const auditEntrySchema = z
  .object({
    position: z.int().meta({ description: '1, 2, 3 … without gaps.' }),
    at: z.string().meta({ description: 'RFC 3339, UTC.', format: 'date-time' }),
    actor: z.string().meta({ description: '`key:NAME`, `shopper` or `cli`.' }),
    key_id: z.string().nullable(),
    action: z.string().meta({ description: 'Such as `api_key.create`.' }),
    subject: z.string().meta({ description: 'A noun and an id, such as `api_key:01927f3e-…`.' }),
    detail: z.record(z.string(), z.unknown()),
    request_id: z.string().nullable(),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Of the caller; null when it is not known or was erased.' }),
    hash: hashSchema,
  })
  .meta({ id: 'AuditEntry' });

const positionPattern = /^[1-9][0-9]{0,14}$/;

const listAudit = endpoint({
  id: 'listAudit',
  method: 'GET',
  path: '/api/v1/audit',
  tag: 'Access',
  summary: 'Read the audit log',
  description:
    'Every change that needed a scope, by the API or the command line. Each entry is chained by its hash to the one before; `nozama verify` checks the chain. Keep `head` elsewhere to prove later that nothing before it was rewritten.',
  scope: 'audit:read',
  request: {
    query: {
      limit: pageLimitParameter,
      cursor: cursorParameter(z.string().regex(positionPattern)),
    },
  },
  answers: {
    200: {
      description: 'Newest first.',
      content: {
        'application/json': z
          .object({
            entries: z.array(auditEntrySchema),
            head: z
              .object({ position: z.int(), hash: hashSchema })
              .meta({ description: 'The last entry; position 0 before the first.' }),
            next_cursor: z.string().nullable(),
          })
          .meta({ id: 'AuditList' }),
      },
      headers: linkHeader,
    },
  },
  async handle({ access, basePath }, { query: { limit, cursor } }) {
    const [entries, head] = await Promise.all([
      access.readAudit(cursor === null ? null : Number(cursor), limit),
      access.readAuditHead(),
    ]);
    const last = entries.at(-1);
    const next = last !== undefined && last.position > 1 ? String(last.position) : null;
    return {
      status: 200,
      headers: {
        'cache-control': 'no-store',
        ...nextLink(`${basePath}/api/v1/audit`, nextPage(limit, next)),
      },
      json: { entries: entries.map(representEntry), head, next_cursor: next },
    };
  },
});

function representEntry(entry: AuditEntry): z.input<typeof auditEntrySchema> {
  const { position, atMs, actor, keyId, action, subject, detail, requestId, address, hash } = entry;
  return {
    position,
    at: new Date(atMs).toISOString(),
    actor,
    key_id: keyId,
    action,
    subject,
    detail: { ...detail },
    request_id: requestId,
    address,
    hash,
  };
}

export const auditEndpoints = [listAudit];
