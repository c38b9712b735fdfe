import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { attributes, type ToolCall, toAppError } from '@toolplane/contracts';
import { toContext } from '@toolplane/service-kit';
import { portOf } from '../egress/url-guard.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';

/** Attributes hold names, numbers and codes only, never a value of a call. Without an exporter all of it is nearly free. */
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
  });
}

export function startStepSpan(parent: Span, stepId: string, attempt: number): Span {
  return start(`step ${stepId}`, SpanKind.INTERNAL, within(parent), {
    [attributes.stepId]: stepId,
    [attributes.stepAttempt]: attempt,
  });
}

/** A host that an expression gave is a value of the call. `secretRefs` are names with versions. */
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

/** Ends the span with the work, marked when that fails. */
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
  return tracer.startSpan(name, { kind, attributes: spanAttributes }, parent);
}

function within(parent: Span): Context {
  return trace.setSpan(ROOT_CONTEXT, parent);
}
