import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = {
  service: string;
  /** The attributes of the process: instance, version, environment. */
  resource: Record<string, unknown>;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  links: { traceId: string; spanId: string }[];
  isError: boolean;
};

export type OtlpReceiver = AsyncDisposable & {
  url: string;
  /** Everything that was received, as it was on the wire. */
  bodies: string[];
  spans: ReceivedSpan[];
  /**
   * `silent`: reads requests and never answers, like a collector that hangs. `failing`: answers every request with
   * status 500.
   */
  mood: 'well' | 'silent' | 'failing';
  /** Resolves as soon as the spans received satisfy the condition. */
  until(condition: (spans: ReceivedSpan[]) => boolean): Promise<void>;
};

type OtlpAttributes = { key: string; value: Record<string, unknown> }[];
type OtlpSpan = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: OtlpAttributes;
  events?: { name: string; attributes: OtlpAttributes }[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
};
type OtlpBody = {
  resourceSpans: { resource: { attributes: OtlpAttributes }; scopeSpans: { spans: OtlpSpan[] }[] }[];
};

const STATUS_ERROR = 2;

/** The receiving half of an OpenTelemetry collector: OTLP over HTTP with JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const spans: ReceivedSpan[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (receiver.mood === 'silent') return;
    if (receiver.mood === 'failing') return void response.writeHead(500).end();
    bodies.push(body);
    spans.push(...toSpans(JSON.parse(body) as OtlpBody));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    arrivals.emit('spans');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans,
    mood: 'well',
    async until(condition) {
      if (condition(spans)) return;
      for await (const _arrival of on(arrivals, 'spans')) if (condition(spans)) return;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return receiver;
}

function toSpans(body: OtlpBody): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const ofProcess = toRecord(resource.attributes);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map((span) => ({
        service: String(ofProcess['service.name']),
        resource: ofProcess,
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        attributes: toRecord(span.attributes),
        events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: toRecord(attributes) })),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
        isError: span.status?.code === STATUS_ERROR,
      }));
  });
}

function toRecord(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
