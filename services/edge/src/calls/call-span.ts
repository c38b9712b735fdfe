import { type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { attributes, type CallTiming } from '@toolplane/contracts';
import { toCarrier } from '@toolplane/service-kit';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';

const tracer = trace.getTracer('toolplane-edge');

/** Starts the span of a call of a tool, prompt or resource. */
export function startCallSpan({
  method,
  name,
  server: { manifest },
  protocolVersion,
  callId,
  isDebugged,
  trace: { parent, links },
}: {
  method: string;
  name: string;
  server: HostedServer;
  protocolVersion: string;
  callId?: string;
  /** Set when the span starts: its trace is kept regardless of the sampling decision. */
  isDebugged?: boolean;
  trace: CallTrace;
}): Span {
  return tracer.startSpan(
    `${method} ${name}`,
    {
      kind: SpanKind.SERVER,
      links,
      attributes: {
        [attributes.mcpMethod]: method,
        [attributes.mcpProtocolVersion]: protocolVersion,
        [attributes.toolName]: name,
        [attributes.serverId]: manifest.serverId,
        [attributes.workspaceId]: manifest.workspaceId,
        ...(callId === undefined ? {} : { [attributes.callId]: callId }),
        ...(isDebugged ? { [attributes.debugSession]: true } : {}),
      },
    },
    parent,
  );
}

/** Starts the span of sending a call to the data plane. The span of a second attempt is linked to the first. */
export function startSendSpan(call: Span, links: Link[]): Span {
  return tracer.startSpan(
    'send calls',
    {
      kind: SpanKind.PRODUCER,
      links,
      attributes: {
        [attributes.messagingSystem]: 'bullmq',
        [attributes.messagingOperation]: 'send',
        [attributes.messagingDestination]: 'calls',
      },
    },
    trace.setSpan(ROOT_CONTEXT, call),
  );
}

/**
 * Identifies a call later: `traceId` for an operator, `traceparent` for a related span. Both are absent if nothing of
 * the call is exported.
 */
export type FoundBy = { traceId: string | undefined; traceparent?: string | undefined };

type EndedCall = {
  outcome: string;
  code?: string | undefined;
  /** Present if the call was sent to a worker. */
  timing?: CallTiming;
  upstreamRequests?: number | undefined;
};

export function endCallSpan(span: Span, { outcome, code, timing, upstreamRequests }: EndedCall): FoundBy {
  const found = foundBy(span, code !== undefined);
  if (span.isRecording()) {
    span.setAttributes({
      [attributes.outcome]: outcome,
      [attributes.admissionMs]: round(timing?.admissionMs),
      [attributes.queueMs]: round(timing?.queueMs),
      [attributes.executionMs]: round(timing?.executionMs),
      [attributes.upstreamMs]: round(timing?.upstreamMs),
      [attributes.upstreamRequests]: upstreamRequests,
    });
  }
  if (code !== undefined) {
    span.setAttribute(attributes.errorType, code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
  return found;
}

/** Rounds to the microsecond. */
const round = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms * 1000) / 1000);

/** Reads the ids of a span that has not ended. A failed span is exported even if it was not sampled. */
export function foundBy(span: Span, isFailed: boolean): FoundBy {
  const { traceId, traceFlags } = span.spanContext();
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  if (span.isRecording() && (isSampled || isFailed)) return { traceId, traceparent: toCarrier(span).traceparent };
  // This edge exports nothing, but the client records a trace.
  return { traceId: isSampled ? traceId : undefined };
}
