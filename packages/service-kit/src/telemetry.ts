import { type Attributes, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { attributeNames } from '@toolplane/contracts';

/**
 * Spans are made by hand; nothing is instrumented automatically, because the stock instrumentations of Redis and HTTP
 * put payloads and keys into attributes. Without an endpoint no provider is registered and spans cost nothing.
 */
export function startTelemetry(service: string, endpoint: string | undefined): AsyncDisposable | undefined {
  if (endpoint === undefined) return undefined;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `toolplane-${service}` }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new AllowListProcessor(new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000 }))],
  });
  trace.setGlobalTracerProvider(provider);
  // A collector that is away must not hold up a shutdown.
  return { [Symbol.asyncDispose]: () => provider.shutdown().catch(() => undefined) };
}

/** Drops every attribute that is not allowed, every event attribute and every status text before a span is exported. */
export class AllowListProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#next.onEnd({
      name: span.name,
      kind: span.kind,
      spanContext: () => span.spanContext(),
      ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
      startTime: span.startTime,
      endTime: span.endTime,
      status: { code: span.status.code },
      attributes: allowed(span.attributes),
      links: span.links.map((link) => ({ context: link.context })),
      events: span.events.map((event) => ({ name: event.name, time: event.time })),
      duration: span.duration,
      ended: span.ended,
      resource: span.resource,
      instrumentationScope: span.instrumentationScope,
      droppedAttributesCount: span.droppedAttributesCount,
      droppedEventsCount: span.droppedEventsCount,
      droppedLinksCount: span.droppedLinksCount,
    });
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

function allowed(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => attributeNames.has(name)));
}
