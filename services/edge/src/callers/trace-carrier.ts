import type { IncomingHttpHeaders } from 'node:http';
import type { TraceCarrier } from '@toolplane/service-kit';

/** The trace context of `_meta` (SEP-414) goes before that of the HTTP request, which a proxy may have made. */
export function readTraceCarrier(
  meta: Record<string, unknown> | undefined,
  headers: IncomingHttpHeaders,
): TraceCarrier {
  const source = typeof meta?.['traceparent'] === 'string' ? meta : headers;
  const { traceparent, tracestate } = source as Record<string, unknown>;
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}
