import { isValidTraceId, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributes } from '@toolplane/contracts';
import { type TraceCarrier, toContext } from '@toolplane/service-kit';
import type { HostedServer } from '../manifests/hosted-server.ts';

const tracer = trace.getTracer('toolplane-edge');

/** The span of a call of something that has a name. */
export function startCallSpan({
  method,
  name,
  server: { manifest },
  protocolVersion,
  traceCarrier,
}: {
  method: string;
  name: string;
  server: HostedServer;
  protocolVersion: string;
  traceCarrier: TraceCarrier;
}): Span {
  return tracer.startSpan(
    `${method} ${name}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        [attributes.mcpMethod]: method,
        [attributes.mcpProtocolVersion]: protocolVersion,
        [attributes.toolName]: name,
        [attributes.serverId]: manifest.serverId,
        [attributes.workspaceId]: manifest.workspaceId,
      },
    },
    toContext(traceCarrier),
  );
}

export function endCallSpan(span: Span, { outcome, code }: { outcome: string; code?: string }): void {
  span.setAttribute(attributes.outcome, outcome);
  if (code !== undefined) {
    span.setAttribute(attributes.errorType, code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** Undefined when the call is not traced. */
export function traceIdOf(span: Span): string | undefined {
  const { traceId } = span.spanContext();
  return isValidTraceId(traceId) ? traceId : undefined;
}
