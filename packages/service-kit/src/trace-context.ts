import {
  type Context,
  createTraceState,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/) as it is sent in a request, in `_meta` and in a tool call.
 * Baggage is omitted on purpose: it would carry a client's data to places that the client does not know about.
 */
export type TraceCarrier = { traceparent?: string | undefined; tracestate?: string | undefined };

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const TRACESTATE_LENGTH_MAX = 512;

/** The parent of a new span. A missing or malformed header starts a new trace. */
export function toContext(carrier: TraceCarrier): Context {
  const match = carrier.traceparent === undefined ? null : TRACEPARENT.exec(carrier.traceparent);
  if (match === null) return ROOT_CONTEXT;
  const parent: SpanContext = {
    traceId: match[1] as string,
    spanId: match[2] as string,
    traceFlags: Number.parseInt(match[3] as string, 16) & 1,
    isRemote: true,
  };
  const { tracestate } = carrier;
  if (tracestate !== undefined && tracestate.length <= TRACESTATE_LENGTH_MAX) {
    parent.traceState = createTraceState(tracestate);
  }
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

/** Empty if there is no trace at all, that is, neither a client context nor an exporter. */
export function toCarrier(span: Span): { traceparent?: string; tracestate?: string } {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if (traceId === '00000000000000000000000000000000') return {};
  const state = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`,
    ...(state ? { tracestate: state } : {}),
  };
}

/** Fields for log lines that belong to a span. Empty if there is no trace at all. */
export function toLogFields(span: Span): { trace_id?: string; span_id?: string } {
  const context = span.spanContext();
  return isSpanContextValid(context) ? { trace_id: context.traceId, span_id: context.spanId } : {};
}

/** Links to a related span that is not the parent. Empty if the carrier contains none. */
export function toLinks(carrier: TraceCarrier): Link[] {
  const context = trace.getSpanContext(toContext(carrier));
  return context === undefined ? [] : [{ context }];
}
