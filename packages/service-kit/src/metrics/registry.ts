import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

/**
 * The metrics of this process. Like the tracer of OpenTelemetry, the registry is global, so that it need not be passed
 * through every function down to the code that counts.
 */
export const registry = new Registry<OpenMetricsContentType>();
// Checked when a metric with exemplars is created.
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);

/**
 * The full names of metrics. prom-client shortens the names of counters while it writes OpenMetrics, and does not
 * restore them.
 */
const names = new WeakMap<Metric, string>();
let collecting: Promise<unknown> = Promise.resolve();

/** Exemplars exist only in OpenMetrics, which clients have to request. */
export function collectMetrics(accept = ''): Promise<{ contentType: string; text: string }> {
  const contentType = accept.includes('application/openmetrics-text')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
  // Collections run one after another, because the format is a property of the registry.
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
