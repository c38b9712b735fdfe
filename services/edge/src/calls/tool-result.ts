import { errorCodes, type Failure, type FinalOutcome, type Json, type JsonObject } from '@toolplane/contracts';
import { TIMING_META_KEY, TRACE_ID_META_KEY } from '../protocol/protocol.ts';
import type { ToolCallAnswer } from './call-target.ts';

/**
 * The result that the client receives for an outcome: the same JSON as structured content and as text, the content
 * blocks instead of the text if the tool declares them, or an error that a model can act on. It is written as JSON
 * text, because no other code processes the result before it is sent.
 */
export type ToolResult = { members: string; meta: JsonObject | undefined };

/** The reasons why repeating the call is safe: it has an idempotency key, or all of its steps may be sent twice. */
type Safety = { isKeyed?: boolean; isRepeatable?: boolean };

export function toToolResult({ outcome, traceId, timing }: ToolCallAnswer, safety: Safety = {}): ToolResult {
  const timed = timing === undefined ? undefined : { [TIMING_META_KEY]: timing };
  if (outcome.ok) return { members: toDoneMembers(outcome), meta: timed };
  const structured = JSON.stringify(toStructuredError(outcome));
  return {
    members: `${toTextContent(toErrorText(outcome, safety))},"structuredContent":${structured},"isError":true`,
    // An operator may have to find the trace of a failed call.
    meta: traceId === undefined ? timed : { ...timed, [TRACE_ID_META_KEY]: traceId },
  };
}

function toDoneMembers({ value, content, isError }: Extract<FinalOutcome, { ok: true }>): string {
  const structured = JSON.stringify(value);
  if (content === undefined) return `${toTextContent(structured)},"structuredContent":${structured}`;
  const members = value === null ? '' : `,"structuredContent":${structured}`;
  return `"content":${JSON.stringify(content)}${members}${isError ? ',"isError":true' : ''}`;
}

function toTextContent(text: string): string {
  return `"content":[{"type":"text","text":${JSON.stringify(text)}}]`;
}

export function toStructuredError({ outcome, error }: Failure): Json {
  return {
    code: error.code,
    message: error.message,
    outcome,
    ...(error.stepId === undefined ? {} : { step_id: error.stepId }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfterMs === undefined
      ? {}
      : { retry_after_ms: error.retryAfterMs, retry_after_seconds: toSeconds(error.retryAfterMs) }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}

/** The error code, a sentence, and what the outcome means for repeating the call, in words that a model understands. */
export function toErrorText({ outcome, error }: Failure, { isKeyed, isRepeatable }: Safety = {}): string {
  const step = error.stepId === undefined ? '' : ` (step ${error.stepId})`;
  // The message of an API may already end with a full stop.
  const sentences = [`${error.code}: ${error.message}${step}`.replace(/[^.!?…]$/, '$&.')];
  if (outcome === 'unknown') {
    const advice = isRepeatable ? ', but it does no harm to repeat it.' : ': check before you repeat it.';
    sentences.push(`It is unknown whether the call took effect${advice}`);
    if (isKeyed) sentences.push('With the same idempotency key it never runs twice.');
  }
  if (outcome === 'not_started') sentences.push('Nothing was executed.');
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined && outcome !== 'unknown') {
    sentences.push(`Try again in ${toSeconds(retryAfterMs)} s.`);
  } else if (outcome === 'not_started' && errorCodes[error.code].retryable) {
    sentences.push('It is safe to try again.');
  }
  return sentences.join(' ');
}

/** Rounds up, so that a client which waits this long has waited long enough. */
const toSeconds = (ms: number) => Math.ceil(ms / 1000);
