import { z } from 'zod';
import { logLevelSchema } from './call-event.ts';
import { callOutcomeSchema } from './call-outcome.ts';
import { callDebugSchema } from './debug-grant.ts';
import { type ErrorCode, errorCodeSchema, errorCodes } from './error-codes.ts';
import { abilitySchema, inputRequestSchema } from './input-request.ts';
import { type Json, type JsonObject, jsonObjectSchema, jsonSchema } from './json.ts';

/** One call of a tool, as the edge adds it, sealed, to the queue. */
export const toolCallSchema = z.strictObject({
  version: z.literal(1),
  workspaceId: z.string(),
  serverId: z.string(),
  tool: z.string(),
  planDigest: z.string(),
  /** Validated and with defaults applied. */
  arguments: jsonObjectSchema,
  caller: z.strictObject({
    /** The caller's OAuth bearer token, for `$current_user.token`. Never an API key of the platform. */
    token: z.string().optional(),
    /** The `Config-<Name>` request headers, names in lower case with `_` for `-`. */
    config: z.record(z.string(), z.string()),
    /**
     * Only for external servers that may have sessions: a digest that identifies the caller at one server. Absent if
     * the caller is unknown, so that no session serves another call.
     */
    sessionOwner: z.string().optional(),
    /**
     * The external user on whose behalf the call is made. This field and the next three are set only for tools that use
     * a connection.
     */
    username: z.string().optional(),
    /**
     * Only with `username`: only the credentials of this user may be used, not those of agents, of the workspace or of
     * the organization.
     */
    onlyOwn: z.literal(true).optional(),
    /** The agent that makes the call. */
    agentId: z.string().optional(),
    /** `X-Upstream-Authorization`: the user's own credentials, for this call alone. */
    upstreamAuthorization: z.string().optional(),
  }),
  /**
   * The number of servers of Toolplane through which the call has passed, each calling the next as an external server.
   */
  hops: z.int().min(1).optional(),
  /** What the client can be asked for. Only sent to plans that ask. */
  abilities: z.array(abilitySchema).optional(),
  /** The client can also be asked while the call runs, on the stream that waits for its answer. */
  canAskMeanwhile: z.literal(true).optional(),
  /** The client's answers to the input requests of the previous round, by their keys. Not validated yet. */
  inputResponses: z.record(z.string(), jsonSchema).optional(),
  /** The `state` of the previous round, unchanged. */
  state: z.string().optional(),
  /** The events about which the caller wants to be notified while the call runs. Absent: none. */
  events: z.strictObject({ progress: z.boolean(), logLevel: logLevelSchema.optional() }).optional(),
  /** Set if somebody debugs the server at whose endpoint the call was made. */
  debug: callDebugSchema.optional(),
  /** W3C trace context. */
  traceparent: z.string().optional(),
  tracestate: z.string().optional(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/**
 * Why a call has no outputs. Written for the caller: it contains no body, URL, header or value of an upstream, except
 * what the `explanation` of a step extracts from an answer.
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
 * safe to call again. `unknown`: something may have been sent, so check before calling again. `input_required` does not
 * end the call: nothing has been sent yet, and the same call has to be made again with answers.
 */
export const outcomeSchema = z.discriminatedUnion('ok', [
  z.discriminatedUnion('outcome', [
    z.strictObject({
      ok: z.literal(true),
      outcome: z.literal('done'),
      value: jsonSchema,
      /**
       * In addition to the value or in place of it, if the plan has `content`: MCP content blocks of a tool, messages
       * of a prompt, contents of a resource.
       */
      content: z.array(jsonObjectSchema).optional(),
      /** The tool of an external server itself reports a failure. The value and the content describe it. */
      isError: z.literal(true).optional(),
    }),
    z.strictObject({
      ok: z.literal(true),
      outcome: z.literal('input_required'),
      inputRequests: z.record(z.string(), inputRequestSchema),
      /**
       * Returned by the client with the answers. The client can neither read nor change it, because the edge seals it.
       */
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
/** The outcomes that end a call. */
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
