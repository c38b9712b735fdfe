import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

/**
 * The metrics of this process. Like the tracer of OpenTelemetry there is one for all, so that what counts something far
 * down need not be given it through every hand.
 */
export const registry = new Registry<OpenMetricsContentType>();
// Asked for when a metric with exemplars is made.
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);

/** prom-client shortens the names of counters while it writes OpenMetrics, and would leave them so. */
const names = new WeakMap<Metric, string>();
let collecting: Promise<unknown> = Promise.resolve();

/** Exemplars are only in OpenMetrics, which whoever wants it has to ask for. */
export function collectMetrics(accept = ''): Promise<{ contentType: string; text: string }> {
  const contentType = accept.includes('application/openmetrics-text')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
  // One after the other, because the registry itself has the format.
  const collected = collecting.then(async () => {
    for (const metric of registry.getMetricsAsArray() as unknown as (Metric & { name: string })[]) {
      const name = names.get(metric);
      if (name === undefined) names.set(metric, metric.name);
      else metric.name = name;
    }
    (registry as Registry<typeof contentType>).setContentType(contentType);
    return { contentType, text: await registry.metrics() };
  });
  collecting = collected.catch(() => undefined);
  return collected;
}
