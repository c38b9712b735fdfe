import { debugEnvironmentSchema, debugLimits, secretNameSchema } from '@toolplane/contracts';
import { z } from 'zod';
import type { Actor } from '../../platform/principals/principal.ts';
import { timestampSchema } from '../../platform/request-schemas.ts';
import type { DebugSession } from './debug-sessions.ts';
import { endReasons } from './store.ts';

const REPLACED_MAX = 20;

const originSchema = z
  .string()
  .max(300)
  .refine(isOrigin, 'must be an origin, such as https://api.example.com')
  .meta({ description: 'Such as `https://api.example.com`' });

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

const replacements = (of: z.ZodString) =>
  z
    .record(of, of)
    .refine((entries) => Object.keys(entries).length <= REPLACED_MAX, `must have at most ${REPLACED_MAX} entries`);

export const openRequestSchema = z.strictObject({
  minutes: z.int().min(1).max(debugLimits.minutesMax).default(debugLimits.minutesDefault),
  environment: debugEnvironmentSchema
    .extend({ hosts: replacements(originSchema).optional(), secrets: replacements(secretNameSchema).optional() })
    .optional()
    .meta({
      description: 'Only for runs of the debugger: other origins, and other secrets of the same server',
    }),
});

const actorSchema = z.object({ kind: z.enum(['key', 'person']), id: z.string() });

export const sessionSchema = z
  .object({
    id: z.string(),
    server_id: z.string(),
    state: z.enum(['open', 'ended']),
    environment: debugEnvironmentSchema.nullable(),
    opened_by: actorSchema,
    opened_at: timestampSchema,
    expires_at: timestampSchema,
    ended_at: timestampSchema.nullable(),
    ended_by: actorSchema.nullable().meta({ description: 'null: nobody did' }),
    end_reason: z.enum(endReasons).nullable().meta({
      description:
        '`revoked`: the person or key that opened it lost the permission; `server_deleted`: its server was deleted; `server_moved`: its server moved to a pool',
    }),
  })
  .meta({ id: 'DebugSession' });

export const openedSessionSchema = sessionSchema
  .extend({
    token: z.string().meta({ description: 'Shown only now. With this token, tools run at `run_url`' }),
    run_url: z.string().meta({ description: 'Replace `{tool}` with the name of a tool' }),
  })
  .meta({ id: 'OpenedDebugSession' });

export function toSessionAnswer(session: DebugSession): z.input<typeof sessionSchema> {
  const { id, serverId, environment, openedBy, openedAt, expiresAt, endedAt, endedBy, endReason } = session;
  return {
    id,
    server_id: serverId,
    state: endedAt === null ? 'open' : 'ended',
    environment,
    opened_by: toActorAnswer(openedBy),
    opened_at: openedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
    ended_by: endedBy && toActorAnswer(endedBy),
    end_reason: endReason,
  };
}

function toActorAnswer(actor: Actor): z.input<typeof actorSchema> {
  return { kind: actor.kind, id: actor.kind === 'key' ? actor.keyId : actor.personId };
}
