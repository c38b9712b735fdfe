import { errorCodes, type Failure, type Json } from '@toolplane/contracts';
import { TRACE_ID_META_KEY } from './protocol.ts';
import type { ToolCallAnswer } from './tools-call.ts';

/**
 * What the client gets for an outcome: the same JSON as structured content and as text, or an error that a model can
 * act on. Written as JSON text, because the result crosses no other code before it is sent.
 */
export type ToolResult = { isError: boolean; structured: string; text: string; meta: Record<string, Json> };

export function toToolResult({ outcome, traceId }: ToolCallAnswer): ToolResult {
  if (outcome.ok) {
    const structured = JSON.stringify(outcome.value);
    return { isError: false, structured, text: structured, meta: {} };
  }
  return {
    isError: true,
    structured: JSON.stringify(toStructuredError(outcome)),
    text: toSentence(outcome),
    // A failed call is one that somebody may have to look up.
    meta: traceId === undefined ? {} : { [TRACE_ID_META_KEY]: traceId },
  };
}

/** Members of a `CallToolResult` (MCP 2025-06-18 and later), without the braces around them. */
export function toResultMembers(
  { isError, structured, text, meta }: ToolResult,
  ownMeta: Record<string, Json> = {},
): string {
  const allMeta = { ...meta, ...ownMeta };
  return [
    ...(Object.keys(allMeta).length === 0 ? [] : [`"_meta":${JSON.stringify(allMeta)}`]),
    `"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${structured}`,
    ...(isError ? ['"isError":true'] : []),
  ].join(',');
}

/** The same result as an object, for the SDK. */
export function toCallToolResult(answer: ToolCallAnswer) {
  return JSON.parse(`{${toResultMembers(toToolResult(answer))}}`) as {
    content: { type: 'text'; text: string }[];
    structuredContent: Record<string, unknown>;
    isError?: boolean;
    _meta?: Record<string, unknown>;
  };
}

function toStructuredError({ outcome, error }: Failure): Json {
  return {
    code: error.code,
    message: error.message,
    outcome,
    ...(error.stepId === undefined ? {} : { step_id: error.stepId }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}

function toSentence({ outcome, error }: Failure): string {
  const step = error.stepId === undefined ? '' : ` (step ${error.stepId})`;
  const sentences = [`${error.code}: ${error.message}${step}.`];
  if (outcome === 'unknown') {
    sentences.push('It is unknown whether the call took effect: check before you repeat it.');
  }
  if (outcome === 'not_started') {
    sentences.push('Nothing was executed.');
    if (error.retryAfterMs !== undefined) sentences.push(`Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`);
    else if (errorCodes[error.code].retryable) sentences.push('It is safe to try again.');
  }
  return sentences.join(' ');
}
