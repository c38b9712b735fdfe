import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { attributes, portOf, spanEvents, type ToolCall, toAppError } from '@toolplane/contracts';
import { type TraceCarrier, toContext } from '@toolplane/service-kit';
import type { PreparedAction } from './prepare-plan.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';

/**
 * Attributes hold only names, numbers and codes, never a value of a call. Without an exporter, tracing costs almost
 * nothing.
 */
const tracer = trace.getTracer('@toolplane/data-plane');

export function startCallSpan(callId: string, call: ToolCall): Span {
  const { traceparent, tracestate } = call;
  return start('process calls', SpanKind.CONSUMER, toContext({ traceparent, tracestate }), {
    [attributes.messagingSystem]: 'bullmq',
    [attributes.messagingOperation]: 'process',
    [attributes.messagingDestination]: 'calls',
    [attributes.callId]: callId,
    [attributes.workspaceId]: call.workspaceId,
    [attributes.serverId]: call.serverId,
    [attributes.toolName]: call.tool,
    [attributes.planDigest]: call.planDigest,
    // This is set at the start, so that it can be used to decide which traces are kept.
    ...(call.debug === undefined ? {} : { [attributes.debugSession]: true }),
  });
}

export function startCommandSpan(callId: string | undefined, carrier: TraceCarrier): Span {
  return start('process commands', SpanKind.CONSUMER, toContext(carrier), {
    [attributes.messagingSystem]: 'bullmq',
    [attributes.messagingOperation]: 'process',
    [attributes.messagingDestination]: 'commands',
    ...(callId === undefined ? {} : { [attributes.callId]: callId }),
  });
}

export function startStepSpan(parent: Span, stepId: string, attempt: number): Span {
  const span = start(`step ${stepId}`, SpanKind.INTERNAL, within(parent), {
    [attributes.stepId]: stepId,
    [attributes.stepAttempt]: attempt,
  });
  if (attempt > 1 && span.isRecording()) span.addEvent(spanEvents.attempt, { [attributes.stepAttempt]: attempt });
  return span;
}

/** Records the chosen action only by its index: its conditions may quote the values that they compare with. */
export function recordDecision(
  span: Span,
  on: 'success' | 'failure',
  choices: readonly PreparedAction[],
  chosen: PreparedAction | undefined,
): void {
  if (!span.isRecording()) return;
  span.addEvent(spanEvents.decision, {
    [attributes.decisionOn]: on,
    [attributes.action]: chosen?.do ?? 'fail',
    ...(chosen === undefined ? {} : { [attributes.decisionIndex]: choices.indexOf(chosen) }),
  });
}

export function recordWait(span: Span, waitMs: number): void {
  if (span.isRecording()) span.addEvent(spanEvents.wait, { [attributes.waitMs]: waitMs });
}

/**
 * The host is left out if an expression returned it, because it is then a value of the call. `secretRefs` are names
 * with versions.
 */
export function startRequestSpan(
  parent: Span,
  { method, isHostComputed }: Pick<PreparedRequest, 'method' | 'isHostComputed'>,
  url: URL,
  secretRefs: string[],
): Span {
  return start(method, SpanKind.CLIENT, within(parent), {
    [attributes.httpMethod]: method,
    ...(secretRefs.length === 0 ? {} : { [attributes.secretRefs]: secretRefs }),
    ...(isHostComputed ? {} : { [attributes.serverAddress]: url.hostname, [attributes.serverPort]: portOf(url) }),
  });
}

export function markFailed(span: Span, errorType: string): void {
  span.setAttribute(attributes.errorType, errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Ends the span when the work ends, and marks it as failed if the work fails. */
export async function inSpan<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    markFailed(span, toAppError(error).code);
    throw error;
  } finally {
    span.end();
  }
}

function start(name: string, kind: SpanKind, parent: Context, spanAttributes: Attributes): Span {
  const above = trace.getSpan(parent);
  // Below a non-recording span, such as the span of a replay, nothing is traced.
  if (above !== undefined && !isSpanContextValid(above.spanContext())) return above;
  return tracer.startSpan(name, { kind, attributes: spanAttributes }, parent);
}

function within(parent: Span): Context {
  return trace.setSpan(ROOT_CONTEXT, parent);
}
