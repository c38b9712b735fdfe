import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
};

export type OtlpReceiver = AsyncDisposable & {
  url: string;
  /** Everything received, as it came over the wire. */
  bodies: string[];
  spans: ReceivedSpan[];
  /** Resolves as soon as the spans received satisfy the condition. */
  until(condition: (spans: ReceivedSpan[]) => boolean): Promise<void>;
};

type OtlpAttributes = { key: string; value: Record<string, unknown> }[];
type OtlpBody = {
  resourceSpans: {
    resource: { attributes: OtlpAttributes };
    scopeSpans: {
      spans: { name: string; traceId: string; spanId: string; parentSpanId?: string; attributes: OtlpAttributes }[];
    }[];
  }[];
};

/** The receiving half of an OpenTelemetry collector: OTLP over HTTP with JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const spans: ReceivedSpan[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    bodies.push(body);
    spans.push(...toSpans(JSON.parse(body) as OtlpBody));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    arrivals.emit('spans');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans,
    async until(condition) {
      if (condition(spans)) return;
      for await (const _arrival of on(arrivals, 'spans')) if (condition(spans)) return;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function toSpans(body: OtlpBody): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(toRecord(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map((span) => ({
        service,
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        attributes: toRecord(span.attributes),
      }));
  });
}

function toRecord(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
