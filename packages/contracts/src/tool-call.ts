import { z } from 'zod';
import { type ErrorCode, errorCodes, isErrorCode } from './error-codes.ts';
import { type Json, jsonObjectSchema, jsonSchema } from './json.ts';

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
  }),
  /** W3C trace context. */
  traceparent: z.string().optional(),
  tracestate: z.string().optional(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/** Why a call has no outputs. Written for the caller: no body, URL, header or value of an upstream. */
export const callErrorSchema = z.strictObject({
  code: z.custom<ErrorCode>(isErrorCode, 'unknown error code'),
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
 * safe to ask again. `unknown`: something may have been sent; look before asking again.
 */
export const outcomeSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), outcome: z.literal('done'), value: jsonSchema }),
  z.strictObject({ ok: z.literal(false), outcome: z.enum(['done', 'not_started', 'unknown']), error: callErrorSchema }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
export type Failure = Extract<Outcome, { ok: false }>;

export function succeeded(value: Json): Outcome {
  return { ok: true, outcome: 'done', value };
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
