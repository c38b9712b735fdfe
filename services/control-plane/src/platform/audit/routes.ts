import {
  type Api,
  addRoute,
  JsonText,
  jsonLinesSchema,
  queryNumberOr,
  succeed,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../principals/principal.ts';
import { idSchema, textOf, timeSchema, timestampSchema } from '../request-schemas.ts';
import type { Audit } from './audit.ts';
import { actorKinds, entryKinds } from './entry.ts';

const entrySchema = z
  .object({
    organizationId: z.string(),
    number: z.int().meta({ description: 'Position in the chain of the organization: from 1, without gaps' }),
    at: timestampSchema,
    kind: z
      .enum(entryKinds)
      .meta({ description: '`begun` and `ended`: the start and the end of a change; `event`: a single entry' }),
    requestId: z.string().optional().meta({ description: 'The same for the start and the end of a change' }),
    workspaceId: z.string().optional(),
    actor: z.object({ kind: z.enum(actorKinds), id: z.string() }),
    address: z.string().optional(),
    action: z.string().meta({ description: '`operationId` of this API, or the name of an event' }),
    target: z.record(z.string(), z.string()).optional(),
    outcome: z.string().optional().meta({ description: '`done` or an error code' }),
    changes: z
      .array(z.object({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }))
      .optional()
      .meta({ description: 'The answers of GET before and after the change, where they differ' }),
    details: z.record(z.string(), z.unknown()).optional(),
    previousHash: z.string(),
    hash: z.string().meta({ description: 'SHA-256 of the canonical JSON of all other members' }),
  })
  .meta({ id: 'AuditEntry' });

type EntryView = z.input<typeof entrySchema>;

const filter = {
  workspaceId: idSchema.optional(),
  actorId: textOf(512).optional().meta({ description: 'Id of a key, a person or an agent' }),
  action: textOf(128).optional(),
  outcome: textOf(64).optional(),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
};
/** The largest number that the column can hold. */
const NUMBER_MAX = 2_147_483_647;
/** A cursor is the number of the last entry that was seen. */
const cursorSchema = z
  .string()
  .refine(
    (text) => /^\d{1,10}$/.test(text) && Number(text) <= NUMBER_MAX,
    'must be the nextCursor of an earlier answer',
  )
  .transform(Number)
  .optional();
const nextCursorSchema = z.string().nullable().meta({ description: '`cursor` of the next page; null: there is none' });
const toCursor = (number: number | null | undefined) => (number == null ? null : String(number));

const path = '/api/v1/audit-log';
const about = { tag: 'Audit log', access: 'audit:read' } as const;

export function addAuditRoutes(api: Api<Principal>, { audit }: { audit: Audit }): void {
  addRoute(api, {
    ...about,
    method: 'get',
    path,
    operationId: 'listAuditEntries',
    summary: 'List changes and decisions, newest first',
    description:
      'Without `kind`, `begun` entries are left out, because the entry for the end of the change is listed as well.',
    query: z.strictObject({
      ...filter,
      kind: z.enum(entryKinds).optional(),
      cursor: cursorSchema.meta({ description: '`nextCursor` of the previous page' }),
      limit: queryNumberOr(50, { min: 1, max: 200 }),
    }),
    responses: {
      200: {
        description: 'A page of entries',
        body: z.object({
          success: z.literal(true),
          message: z.string(),
          data: z.array(entrySchema),
          nextCursor: nextCursorSchema,
        }),
      },
    },
    async handle({ principal, query: { cursor, limit, kind, ...asked } }) {
      const wanted = { ...asked, kind: kind === undefined ? (['ended', 'event'] as const).slice() : [kind] };
      const data = await audit.list(principal, wanted, { beforeNumber: cursor, limit });
      const last = data.length < limit ? undefined : data.at(-1);
      return {
        status: 200 as const,
        body: {
          success: true as const,
          message: 'Audit log',
          data: data as EntryView[],
          nextCursor: toCursor(last?.number),
        },
      };
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: `${path}/export`,
    operationId: 'exportAuditLog',
    summary: 'Export entries as JSON Lines, in the order of the chain',
    description:
      'At most 5,000 entries, or about 16 MB; `x-next-cursor` is the `cursor` of the next part, and is absent at the end.',
    query: z.strictObject({ ...filter, cursor: cursorSchema }),
    responses: { 200: { description: 'One entry per line', body: jsonLinesSchema } },
    async handle({ principal, query: { cursor = 0, ...asked } }) {
      const { text, next } = await audit.export(principal, asked, cursor);
      const headers: Record<string, string> = next === undefined ? {} : { 'x-next-cursor': String(next) };
      return { status: 200 as const, body: new JsonText(text, 'application/x-ndjson'), headers };
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: `${path}/head`,
    operationId: 'getAuditHead',
    summary: 'Get the signed end of the chain',
    description:
      'Store it elsewhere: it later proves that nothing before it was changed. Also requires `workspaces:write`.',
    responses: {
      200: {
        description: 'The end',
        body: successOf(
          z.object({
            number: z.int(),
            hash: z.string(),
            at: timestampSchema,
            signature: z.string().meta({ description: 'JWS by the key that signs publications' }),
          }),
        ),
      },
    },
    async handle({ principal }) {
      return succeed(200, 'End of the audit log', await audit.head(principal));
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: `${path}/verification`,
    operationId: 'verifyAuditLog',
    summary: 'Verify the chain of the audit log',
    description:
      'At most 20,000 entries per request; `nextCursor` is the `cursor` of the next request. Also requires `workspaces:write`.',
    query: z.strictObject({ cursor: cursorSchema }),
    responses: {
      200: {
        description: 'Whether each entry follows the previous one',
        body: successOf(
          z.object({
            isIntact: z.boolean(),
            entries: z.int(),
            brokenAt: z.int().nullable(),
            nextCursor: nextCursorSchema,
          }),
        ),
      },
    },
    async handle({ principal, query: { cursor = 0 } }) {
      const { next, ...verified } = await audit.verify(principal, cursor);
      return succeed(200, 'Verification of the audit log', { ...verified, nextCursor: toCursor(next) });
    },
  });
}
