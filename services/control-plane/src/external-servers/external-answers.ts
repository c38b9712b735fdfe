import { externalQuestions } from '@toolplane/contracts';
import { z } from 'zod';
import { timestampSchema } from '../request-schemas.ts';

/** An external server as the answers about its server have it. */
export const externalShownSchema = z
  .object({
    name: z.string(),
    url: z.string(),
    transport: z.enum(['http', 'sse']).nullable(),
    headerNames: z.array(z.string()).meta({ description: 'Their values are never given back' }),
    tools: z.array(z.string()),
    prefix: z.string(),
    pin: z.enum(['review', 'strict']),
    allow: z.array(z.enum(externalQuestions)),
    timeoutMs: z.int(),
    state: z.enum(['ok', 'unreachable', 'failed']).meta({
      description: 'How the last look at it went; one that did not go well is repeated soon',
    }),
    message: z.string().nullable(),
    authorization: z
      .object({
        state: z.enum(['none', 'needed', 'signed_in']).meta({
          description: '`needed`: it refused the last look at it, and somebody has to sign in, perhaps again',
        }),
        signedInAt: timestampSchema.nullable(),
        issuer: z.string().nullable().meta({ description: 'Who gave the token' }),
        scope: z.string().nullable().meta({ description: 'What the token is for' }),
      })
      .meta({ description: 'The sign-in of the platform to it, for all who call its tools' }),
    checkedAt: timestampSchema.nullable(),
    toReview: z.array(z.string()).meta({
      description: 'Names of tools that were changed since they were approved, or are new',
    }),
  })
  .meta({ id: 'ExternalMcpServer' });

const reviewedToolSchema = z.object({
  name: z.string().meta({ description: 'At its server' }),
  exposedAs: z.string().nullable().meta({ description: 'Here; null: clients do not see it' }),
  status: z.enum(['approved', 'changed', 'new', 'missing', 'left_out']),
  reason: z.string().optional(),
  digest: z.string().optional().meta({
    description: 'Of what its server declares now, to approve that and nothing else',
  }),
  flags: z.array(z.string()).optional().meta({
    description: '`hidden`: characters that nobody sees were taken out of its texts; `cut`: they were too long',
  }),
  changes: z
    .array(
      z.object({
        member: z.enum(['title', 'description', 'inputSchema', 'outputSchema', 'annotations']),
        before: z.unknown().optional(),
        now: z.unknown().optional(),
      }),
    )
    .optional()
    .meta({ description: 'Of a tool that is changed or new: what its approval is about' }),
});

export const externalReportSchema = externalShownSchema
  .extend({
    reviewed: z.array(reviewedToolSchema),
    leftOut: z
      .array(z.object({ kind: z.string(), name: z.string(), reason: z.string() }))
      .meta({ description: 'Prompts and resources that are not offered' }),
  })
  .meta({ id: 'ReportedExternalMcpServer' });
