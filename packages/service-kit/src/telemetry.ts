import type { ProcessIdentity } from './process-identity.ts';
import type { OnDropped } from './telemetry/dropped-spans.ts';
import type { TelemetrySettings } from './telemetry/settings.ts';

/**
 * Spans are created explicitly. Nothing is instrumented automatically, because the stock instrumentations of Redis and
 * HTTP put payloads and keys into attributes. There is no propagator either: trace contexts are written explicitly, and
 * baggage never is. Without an endpoint, no provider is registered or even loaded, and spans cost nothing.
 */
export async function startTelemetry(
  service: string,
  settings: Partial<TelemetrySettings>,
  identity: Partial<Pick<ProcessIdentity, 'id' | 'version'>> = {},
  onDropped: OnDropped = () => {},
): Promise<AsyncDisposable | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG, OTEL_RESOURCE_ATTRIBUTES } = settings;
  if (endpoint === undefined) return undefined;
  const { exportSpans } = await import('./telemetry/export-spans.ts');
  const collector = { endpoint, ratio: OTEL_TRACES_SAMPLER_ARG ?? 1, attributes: OTEL_RESOURCE_ATTRIBUTES ?? {} };
  return exportSpans(service, collector, identity, onDropped);
}
