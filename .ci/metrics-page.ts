import { metricBuckets, metrics } from '../packages/contracts/src/metric-names.ts';

type Declared = (typeof metrics)[keyof typeof metrics];

/** The text of `docs/reference/metrics.md`, generated from the table of all metrics. */
export function toMetricsPage(): string {
  return `# Metrics

Each service has them on its health port at \`/metrics\`, as text for Prometheus, or as OpenMetrics with exemplars for whoever asks
for that (\`Accept: application/openmetrics-text\`): an exemplar names a sampled call's trace by \`trace_id\`. There is nothing of
a payload and no secret in them; \`server\` is an id, \`tool\` the name of a tool in its plan. This page is written from the table in
\`packages/contracts/src/metric-names.ts\`.

Labels are bounded: of servers and tools a process counts 2,000 series, and what comes beyond as \`other\`. Besides there are
\`process_*\` and \`nodejs_*\` of [prom-client](https://github.com/siimon/prom-client), with the delay of the event loop
(\`nodejs_eventloop_lag_p99_seconds\`).

| Name | Type | Labels | Of | |
|---|---|---|---|---|
${Object.entries(metrics).map(toRow).join('\n')}

Buckets of calls: ${metricBuckets.calls.join(', ')} seconds; of requests to the REST API: ${metricBuckets.requests.join(', ')}.
`;
}

function toRow([name, { type, labels, of, help }]: [string, Declared]): string {
  const services =
    of.length === 3
      ? 'all'
      : of.join(', ').replace('control-plane', 'control plane').replace('data-plane', 'data plane');
  const named = labels.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${named} | ${services} | ${help} |`;
}
