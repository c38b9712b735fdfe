import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ProcessIdentity } from '../process-identity.ts';
import { AllowListProcessor } from './allow-list.ts';
import { createDropMeter, type OnDropped } from './dropped-spans.ts';
import { FailedTraces, type HeldLimits } from './failed-traces.ts';
import { createSampler } from './sampler.ts';

/** About 4 MB, and at most ten times that. */
const HELD_LIMITS: HeldLimits = { spansPerTraceMax: 500, spansMax: 4000 };
/** The maximum number of spans that wait for the collector. Further spans are dropped and counted. */
const QUEUE_SPANS_MAX = 4096;
const EXPORT_MS_MAX = 3000;
const SHUTDOWN_MS_MAX = 2000;
/** Values are names, numbers and codes. Longer ones are cut, so that the size of a span is bounded. */
const SPAN_LIMITS = {
  attributeValueLengthLimit: 256,
  attributeCountLimit: 32,
  attributePerEventCountLimit: 8,
  attributePerLinkCountLimit: 0,
  eventCountLimit: 32,
  linkCountLimit: 8,
};

/**
 * `endpoint` is the URL of the collector. `ratio`, from 0 to 1, is the share of the traces that begin here which it
 * receives. `attributes` are the resource attributes of each span.
 */
type Collector = { endpoint: string; ratio: number; attributes: Record<string, string> };

/** Sends spans to the collector until the returned object is disposed of. */
export function exportSpans(
  service: string,
  { endpoint, ratio, attributes }: Collector,
  { id = randomUUID(), version }: Partial<Pick<ProcessIdentity, 'id' | 'version'>>,
  onDropped: OnDropped,
): AsyncDisposable {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_MS_MAX,
  });
  const batches = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: 1000,
    exportTimeoutMillis: EXPORT_MS_MAX,
    maxQueueSize: QUEUE_SPANS_MAX,
    selfObsMeterProvider: createDropMeter(onDropped),
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      ...attributes,
      'service.name': `toolplane-${service}`,
      'service.instance.id': id,
      ...(version === undefined ? {} : { 'service.version': version }),
    }),
    sampler: createSampler(ratio),
    spanLimits: SPAN_LIMITS,
    spanProcessors: [
      new FailedTraces(new AllowListProcessor(batches), HELD_LIMITS, (count) => onDropped('held', count)),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  return {
    async [Symbol.asyncDispose]() {
      // A collector that is unavailable or does not answer must not delay a shutdown.
      const timeout = new AbortController();
      const tooLong = delay(SHUTDOWN_MS_MAX, undefined, { signal: timeout.signal }).catch(() => {});
      await Promise.race([provider.shutdown().catch(() => {}), tooLong]);
      timeout.abort();
    },
  };
}
