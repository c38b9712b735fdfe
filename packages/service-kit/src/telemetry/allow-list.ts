import { type Attributes, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { attributeNames, spanEventNames } from '@toolplane/contracts';

/**
 * The last processor before the exporter: drops every attribute and event that is not allowed, every status text, and
 * what clients put into their trace state.
 */
export class AllowListProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const context = bare(span.spanContext());
    this.#next.onEnd({
      name: span.name,
      kind: span.kind,
      spanContext: () => context,
      ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
      startTime: span.startTime,
      endTime: span.endTime,
      status: { code: span.status.code },
      attributes: allowed(span.attributes),
      links: span.links.map((link) => ({ context: bare(link.context) })),
      events: span.events
        .filter(({ name }) => spanEventNames.has(name))
        .map(({ name, time, attributes }) => ({ name, time, attributes: allowed(attributes ?? {}) })),
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

/**
 * `tracestate` comes from the client, so it is dropped. Every span that arrives here is exported, so it is marked as
 * sampled.
 */
function bare({ traceId, spanId }: SpanContext): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

function allowed(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => attributeNames.has(name)));
}
