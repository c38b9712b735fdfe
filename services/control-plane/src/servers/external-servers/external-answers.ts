import { externalFlags, externalQuestions, externalServerSchema, externalTransports } from '@toolplane/contracts';
import { z } from 'zod';
import { timestampSchema } from '../../platform/request-schemas.ts';

/** An external server, as shown in responses about the server to which it is attached. */
export const externalShownSchema = z
  .object({
    name: z.string(),
    url: z.string(),
    transport: z.enum(externalTransports).nullable(),
    headerNames: z.array(z.string()).meta({ description: 'The values are never returned' }),
    tools: z.array(z.string()),
    prefix: z.string(),
    pin: z.enum(['review', 'strict']),
    allow: z.array(z.enum(externalQuestions)),
    timeoutMs: z.int(),
    maxOutputBytes: z.int(),
    state: z.enum(['ok', 'unreachable', 'failed']).meta({
      description: 'Result of the last check; a failed check is repeated soon',
    }),
    message: z.string().nullable(),
    authorization: z
      .object({
        state: z.enum(['none', 'needed', 'signed_in']).meta({
          description: '`needed`: it refused the last check, and somebody has to sign in, perhaps again',
        }),
        signedInAt: timestampSchema.nullable(),
        issuer: z.string().nullable().meta({ description: 'Issuer of the token' }),
        scope: z.string().nullable().meta({ description: 'Scope of the token' }),
      })
      .meta({ description: "The platform's sign-in to it, for all callers of its tools" }),
    checkedAt: timestampSchema.nullable(),
    toReview: z.array(z.string()).meta({
      description: 'Names of tools that are new or were changed since their approval',
    }),
  })
  .meta({ id: 'ExternalMcpServer' });

export const externalFlagsSchema = z.array(z.enum(externalFlags)).meta({
  description:
    '`hidden`: invisible characters were removed from its texts; `cut`: its texts were too long and were cut',
});
export const leftOutSchema = z.object(externalServerSchema.shape.leftOut.element.shape);

const reviewedToolSchema = z.object({
  name: z.string().meta({ description: 'Name at its server' }),
  exposedAs: z.string().nullable().meta({ description: 'Name on this server; null: clients do not see it' }),
  status: z.enum(['approved', 'changed', 'new', 'missing', 'left_out']),
  reason: z.string().optional(),
  digest: z.string().optional().meta({
    description: 'Digest of what its server declares now, to approve exactly that',
  }),
  flags: externalFlagsSchema.optional(),
  changes: z
    .array(
      z.object({
        member: z.enum(['title', 'description', 'inputSchema', 'outputSchema', 'annotations']),
        before: z.unknown().optional(),
        now: z.unknown().optional(),
      }),
    )
    .optional()
    .meta({ description: 'For a tool that is changed or new: what is to be approved' }),
});

export const externalReportSchema = externalShownSchema
  .extend({
    reviewed: z.array(reviewedToolSchema),
    leftOut: z.array(leftOutSchema).meta({ description: 'Prompts and resources that are not offered' }),
  })
  .meta({ id: 'ReportedExternalMcpServer' });
