import { z } from 'zod';
import { logLevelSchema } from './call-event.ts';
import { callOutcomeSchema } from './call-outcome.ts';
import { callDebugSchema } from './debug-grant.ts';
import { type ErrorCode, errorCodeSchema, errorCodes } from './error-codes.ts';
import { abilitySchema, inputRequestSchema } from './input-request.ts';
import { type Json, type JsonObject, jsonObjectSchema, jsonSchema } from './json.ts';

/** One invocation of a tool, as the edge puts it, sealed, on the queue. */
export const toolCallSchema = z.strictObject({
  version: z.literal(1),
  workspaceId: z.string(),
  serverId: z.string(),
  tool: z.string(),
  planDigest: z.string(),
  /** Validated and with defaults applied. */
  arguments: jsonObjectSchema,
  caller: z.strictObject({
    /** The caller's OAuth bearer token, for `$current_user.token`; never an API key of the platform. */
    token: z.string().optional(),
    /** The `Config-<Name>` request headers, names in lower case with `_` for `-`. */
    config: z.record(z.string(), z.string()),
    /**
     * Only for external servers that may have sessions: a digest that stands for the caller at one server. Absent: nobody
     * is known, so no session serves another call.
     */
    sessionOwner: z.string().optional(),
    /** These four only for tools that use a connection. The external user on whose behalf the call is made. */
    username: z.string().optional(),
    /**
     * With `username`: the credentials of this user alone, not those of agents, of the workspace or the organization.
     */
    onlyOwn: z.literal(true).optional(),
    /** The agent that makes it. */
    agentId: z.string().optional(),
    /** `X-Upstream-Authorization`: the user's own credentials, for this call alone. */
    upstreamAuthorization: z.string().optional(),
  }),
  /** How many servers of Toolplane it has passed, each with the next as an external server. */
  hops: z.int().min(1).optional(),
  /** What the client can be asked for; only sent to plans that ask. */
  abilities: z.array(abilitySchema).optional(),
  /** The client can be asked while the call runs, too, on the stream that waits for its answer. */
  canAskMeanwhile: z.literal(true).optional(),
  /** The client's answers to the input requests of the previous round, by their keys: not checked yet. */
  inputResponses: z.record(z.string(), jsonSchema).optional(),
  /** `state` of the round before, unchanged. */
  state: z.string().optional(),
  /** What the caller wants to be notified of while the call runs; absent = nothing. */
  events: z.strictObject({ progress: z.boolean(), logLevel: logLevelSchema.optional() }).optional(),
  /** Somebody debugs the server at whose endpoint it was made. */
  debug: callDebugSchema.optional(),
  /** W3C trace context. */
  traceparent: z.string().optional(),
  tracestate: z.string().optional(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/**
 * Why a call has no outputs. Written for the caller: no body, URL, header or value of an upstream, except what the
 * `explanation` of a step takes of an answer.
 */
export const callErrorSchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string(),
  stepId: z.string().optional(),
  /** HTTP status of the upstream answer. */
  status: z.int().optional(),
  retryAfterMs: z.int().min(0).optional(),
  details: jsonSchema.optional(),
});
export type CallError = z.infer<typeof callErrorSchema>;

/**
 * How a call ended. `done`: it ran to an answer, failed or not. `not_started`: proved that nothing was sent, so it is
 * safe to ask again. `unknown`: something may have been sent; look before asking again. `input_required` is no end:
 * nothing was sent yet, and the same call is to be made again with answers.
 */
export const outcomeSchema = z.discriminatedUnion('ok', [
  z.discriminatedUnion('outcome', [
    z.strictObject({
      ok: z.literal(true),
      outcome: z.literal('done'),
      value: jsonSchema,
      /**
       * Besides or in place of the value, where the plan has `content`: MCP content blocks of a tool, messages of a
       * prompt, contents of a resource.
       */
      content: z.array(jsonObjectSchema).optional(),
      /** The tool of an external server says itself that it failed; value and content say how. */
      isError: z.literal(true).optional(),
    }),
    z.strictObject({
      ok: z.literal(true),
      outcome: z.literal('input_required'),
      inputRequests: z.record(z.string(), inputRequestSchema),
      /** Handed back with the answers. Not readable or writable by the client: the edge seals it. */
      state: z.string().optional(),
    }),
  ]),
  z.strictObject({
    ok: z.literal(false),
    outcome: callOutcomeSchema.exclude(['input_required']),
    error: callErrorSchema,
  }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
export type Failure = Extract<Outcome, { ok: false }>;
export type InputRequired = Extract<Outcome, { outcome: 'input_required' }>;
/** What a call ends with. */
export type FinalOutcome = Exclude<Outcome, InputRequired>;

export function succeeded(value: Json, content?: JsonObject[]): FinalOutcome {
  return { ok: true, outcome: 'done', value, ...(content === undefined ? {} : { content }) };
}

export function failed(
  outcome: Failure['outcome'],
  code: ErrorCode,
  message: string,
  extra: Omit<CallError, 'code' | 'message'> = {},
): Failure {
  return { ok: false, outcome, error: { code, message, ...extra } };
}

export function isRetryable(failure: Failure): boolean {
  return failure.outcome === 'not_started' && errorCodes[failure.error.code].retryable;
}
