import { z } from 'zod';

/** As PostgreSQL can hold it, whatever a token or a document said. */
const textSchema = z.string().transform((text) => text.slice(0, 512).toWellFormed().replaceAll('\0', ''));

/**
 * One call of a plan, as it ended: no arguments, no answer. Of what a later release adds an earlier one keeps what it
 * knows.
 */
export const loggedCallSchema = z.object({
  id: textSchema,
  workspaceId: textSchema,
  /** Where it was called. */
  serverId: textSchema,
  /** Of a tool that is of another server: that one. */
  originId: textSchema.optional(),
  /** As its plan names it. */
  tool: textSchema,
  kind: z.enum(['tool', 'prompt', 'resource', 'completion']),
  /** `input_required`: it asked, and what becomes of the answers is a call of its own. */
  outcome: z.enum(['done', 'not_started', 'unknown', 'input_required']),
  /** An error code, or `tool_error` of what an external tool says of itself. */
  code: textSchema.optional(),
  /** Unix milliseconds. */
  startedAt: z.int().min(0),
  durationMs: z.int().min(0).max(2_147_483_647),
  source: z.enum(['direct', 'execute_tools', 'task']),
  protocolVersion: textSchema,
  caller: z.object({
    kind: z.enum(['key', 'token', 'anonymous']),
    /** Of the key; of a token its issuer, its subject and the client. */
    id: textSchema.optional(),
    agentId: textSchema.optional(),
    username: textSchema.optional(),
  }),
  traceId: textSchema.optional(),
});

export type LoggedCall = z.infer<typeof loggedCallSchema>;

/** What is sealed. The calls are read one by one, so that one that nobody understands takes no other with it. */
export const callBatchSchema = z.object({
  calls: z.array(z.unknown()),
  /** Calls that the edge had no room for before these. */
  lost: z.int().min(0),
});

export type CallBatch = { calls: LoggedCall[]; lost: number };
