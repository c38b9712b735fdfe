import { callerKindSchema, callOutcomeSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** Text in a form that PostgreSQL can store, whatever a token or a document contains. */
const textSchema = z.string().transform((text) => text.slice(0, 512).toWellFormed().replaceAll('\0', ''));

/** A number that PostgreSQL can store as an integer. */
const countSchema = z.int().min(0).max(2_147_483_647);

/**
 * One call of a plan after its end: no arguments, and only those parts of its answer that its document declares as
 * analytics. An earlier release drops the fields that a later one adds.
 */
export const loggedCallSchema = z.object({
  id: textSchema,
  workspaceId: textSchema,
  /** The server that was called. */
  serverId: textSchema,
  /** The server that the tool belongs to, if it is another one. */
  originId: textSchema.optional(),
  /** The name in the plan. */
  tool: textSchema,
  kind: z.enum(['tool', 'prompt', 'resource', 'completion']),
  /** `input_required`: the call asked for input; the call that brings the answers is logged separately. */
  outcome: callOutcomeSchema,
  /** An error code, or `tool_error` for an error that an external tool itself reported. */
  code: textSchema.optional(),
  /** Unix milliseconds. */
  startedAt: z.int().min(0),
  durationMs: countSchema,
  /**
   * Parts of that time: on the way to a worker and back, in the worker, and, as part of the latter, waiting for
   * upstreams.
   */
  queueMs: countSchema.optional(),
  executionMs: countSchema.optional(),
  upstreamMs: countSchema.optional(),
  /** The sizes, as JSON, of the call as it was sent to a worker and of its result. */
  requestBytes: countSchema.optional(),
  responseBytes: countSchema.optional(),
  /** `debug`: the call was made through the run endpoint of a debug session. */
  source: z.enum(['direct', 'execute_tools', 'task', 'debug']),
  protocolVersion: textSchema,
  caller: z.object({
    kind: callerKindSchema,
    /** The id of the key, or the issuer, the subject and the client of the token. */
    id: textSchema.optional(),
    agentId: textSchema.optional(),
    username: textSchema.optional(),
  }),
  /** The name and version by which the client identifies itself. */
  client: z.object({ name: textSchema, version: textSchema.optional() }).optional(),
  analytics: z.record(textSchema, z.union([textSchema, z.number(), z.boolean(), z.null()])).optional(),
  traceId: textSchema.optional(),
});

export type LoggedCall = z.infer<typeof loggedCallSchema>;

/** The content of a sealed batch. Calls are parsed one by one, so that an unreadable one does not affect the others. */
export const callBatchSchema = z.object({
  calls: z.array(z.unknown()),
  /** The number of calls before these for which the edge had no room. */
  lost: z.int().min(0),
});

export type CallBatch = { calls: LoggedCall[]; lost: number };
