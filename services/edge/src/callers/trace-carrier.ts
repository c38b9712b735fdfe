import type { IncomingHttpHeaders } from 'node:http';
import { type Context, type Link, ROOT_CONTEXT, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { type TraceCarrier, toContext, toLinks } from '@toolplane/service-kit';
import type { Principal } from './principal.ts';

/** The position of a call's span: its parent, and the spans that it is linked to. */
export type CallTrace = { parent: Context; links: Link[] };

export const ownTrace: CallTrace = { parent: ROOT_CONTEXT, links: [] };

/** Returns the position of a call that is made within one of our spans. */
export function traceWithin(span: Span): CallTrace {
  return { parent: trace.setSpan(ROOT_CONTEXT, span), links: [] };
}

type TracedRequest = {
  meta: Record<string, unknown> | undefined;
  headers: IncomingHttpHeaders;
  principal: Principal;
  trace?: CallTrace;
};

/**
 * A known caller continues its own trace, with its own sampling decision. A stranger gets one of our traces with a link
 * to theirs: otherwise anybody could choose what we store, and write into others' traces.
 */
export function readTrace({ meta, headers, principal, trace: given }: TracedRequest): CallTrace {
  if (given !== undefined) return given;
  const carrier = readCarrier(meta, headers);
  if (carrier.traceparent === undefined) return ownTrace;
  if (principal.kind === 'anonymous') return { ...ownTrace, links: toLinks(carrier).map(unsampled) };
  return { parent: toContext(carrier), links: [] };
}

/** Even for a linked trace, the sampling flag counts only if it is ours. */
function unsampled(link: Link): Link {
  return { context: { ...link.context, traceFlags: TraceFlags.NONE } };
}

/**
 * Reads the trace context. That of `_meta` (SEP-414) takes precedence over that of the HTTP request, which a proxy may
 * have set.
 */
function readCarrier(meta: TracedRequest['meta'], headers: IncomingHttpHeaders): TraceCarrier {
  const source = typeof meta?.['traceparent'] === 'string' ? meta : headers;
  const { traceparent, tracestate } = source as Record<string, unknown>;
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}
