import { callerKindSchema, callOutcomeSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** In a form that PostgreSQL can store, whatever a token or a document contains. */
const textSchema = z.string().transform((text) => text.slice(0, 512).toWellFormed().replaceAll('\0', ''));

/** As PostgreSQL can hold it. */
const countSchema = z.int().min(0).max(2_147_483_647);

/**
 * One call of a plan, as it ended: no arguments, and nothing of its answer but what its document declares as analytics.
 * Of what a later release adds an earlier one keeps what it knows.
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
  /** `input_required`: it asked; the call that brings the answers is logged separately. */
  outcome: callOutcomeSchema,
  /** An error code, or `tool_error` of what an external tool says of itself. */
  code: textSchema.optional(),
  /** Unix milliseconds. */
  startedAt: z.int().min(0),
  durationMs: countSchema,
  /** Where that time went: on the way to a worker and back, in the worker, and of this waiting for upstreams. */
  queueMs: countSchema.optional(),
  executionMs: countSchema.optional(),
  upstreamMs: countSchema.optional(),
  /** Of the call as it was sent to a worker, and of what that gave, as JSON. */
  requestBytes: countSchema.optional(),
  responseBytes: countSchema.optional(),
  /** `debug`: by the run endpoint of a debug session. */
  source: z.enum(['direct', 'execute_tools', 'task', 'debug']),
  protocolVersion: textSchema,
  caller: z.object({
    kind: callerKindSchema,
    /** Of the key; of a token its issuer, its subject and the client. */
    id: textSchema.optional(),
    agentId: textSchema.optional(),
    username: textSchema.optional(),
  }),
  /** What the client calls itself. */
  client: z.object({ name: textSchema, version: textSchema.optional() }).optional(),
  analytics: z.record(textSchema, z.union([textSchema, z.number(), z.boolean(), z.null()])).optional(),
  traceId: textSchema.optional(),
});

export type LoggedCall = z.infer<typeof loggedCallSchema>;

/** What is sealed. The calls are read one by one, so that an unreadable one does not affect the others. */
export const callBatchSchema = z.object({
  calls: z.array(z.unknown()),
  /** Calls that the edge had no room for before these. */
  lost: z.int().min(0),
});

export type CallBatch = { calls: LoggedCall[]; lost: number };
