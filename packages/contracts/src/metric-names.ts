/**
 * Every metric of the services. A metric that is not listed here cannot be created, so rules, dashboards and tests can
 * rely on the names. Labels are bounded: names chosen by tenants (`server`, `tool`) are counted as `other` beyond 2,000
 * series of a process. In addition, prom-client provides `process_*` and `nodejs_*`, with the delay of the event loop
 * (`nodejs_eventloop_lag_p99_seconds`).
 */
export const metrics = {
  toolplane_build_info: {
    type: 'gauge',
    help: 'Always 1: the release of this process.',
    labels: ['service', 'version', 'revision'],
    of: ['edge', 'data-plane', 'control-plane'],
  },
  toolplane_redis_ready: {
    type: 'gauge',
    help: '1 while the connection to Redis is ready, otherwise 0.',
    labels: ['connection'],
    of: ['edge', 'data-plane', 'control-plane'],
  },
  toolplane_redis_reconnects_total: {
    type: 'counter',
    help: 'How often the connection to Redis was retried.',
    labels: ['connection'],
    of: ['edge', 'data-plane', 'control-plane'],
  },
  toolplane_clock_offset_seconds: {
    type: 'gauge',
    help: 'How far the clock of this host is ahead of the clock of Redis; negative: behind.',
    labels: [],
    of: ['edge', 'data-plane', 'control-plane'],
  },
  toolplane_bus_events_total: {
    type: 'counter',
    help: 'Events of the channel between the planes, by type.',
    labels: ['type'],
    of: ['edge', 'data-plane', 'control-plane'],
  },
  toolplane_spans_dropped_total: {
    type: 'counter',
    help: 'Spans that never reached the collector, by reason.',
    labels: ['reason'],
    of: ['edge', 'data-plane', 'control-plane'],
  },

  toolplane_calls_total: {
    type: 'counter',
    help: 'Calls that have ended. `code` is empty for successful calls; `input_required` means that the call asked, which is not an end.',
    labels: ['server', 'tool', 'outcome', 'code'],
    of: ['edge'],
  },
  toolplane_call_duration_seconds: {
    type: 'histogram',
    help: 'From the call to its outcome, at the edge.',
    labels: ['outcome'],
    buckets: 'calls',
    exemplars: true,
    of: ['edge'],
  },
  toolplane_call_phase_seconds: {
    type: 'histogram',
    help: 'The same time, by where it was spent: `admission` at the edge, `queue` on the way to a worker and back, `execution` in the worker without its upstreams, `upstream` waiting for these.',
    labels: ['phase'],
    buckets: 'calls',
    of: ['edge'],
  },
  toolplane_calls_in_flight: {
    type: 'gauge',
    help: 'Calls of this edge that have no outcome yet.',
    labels: [],
    of: ['edge'],
  },
  toolplane_calls_refused_total: {
    type: 'counter',
    help: 'Calls that were proved not to have started, by reason.',
    labels: ['code'],
    of: ['edge'],
  },
  toolplane_leases_in_use: {
    type: 'gauge',
    help: 'Calls that all edges together have admitted to a queue; absent while Redis does not say.',
    labels: ['queue'],
    of: ['edge'],
  },
  toolplane_leases_max: {
    type: 'gauge',
    help: 'How many calls may be admitted at once to each queue.',
    labels: [],
    of: ['edge'],
  },
  toolplane_streams_open: {
    type: 'gauge',
    help: 'Long-lived streams to clients that are open at this edge.',
    labels: [],
    of: ['edge'],
  },
  toolplane_http_requests_total: {
    type: 'counter',
    help: 'HTTP requests to this edge; status 499: the client left before the answer.',
    labels: ['method', 'status'],
    of: ['edge'],
  },

  toolplane_queue_jobs: {
    type: 'gauge',
    help: 'Calls or commands in a queue, as reported by the services that fill it: `waiting` for a worker, or `active` in one, where those that share a job count until the last has ended; absent while Redis does not say.',
    labels: ['queue', 'state'],
    of: ['edge', 'control-plane'],
  },
  toolplane_queue_oldest_seconds: {
    type: 'gauge',
    help: 'How long the next one has waited; 0 if none is waiting.',
    labels: ['queue'],
    of: ['edge', 'control-plane'],
  },

  toolplane_worker_calls_running: {
    type: 'gauge',
    help: 'Calls or commands of a queue that this worker is running.',
    labels: ['queue'],
    of: ['data-plane'],
  },
  toolplane_worker_calls_max: {
    type: 'gauge',
    help: 'How many the worker runs at once; those that wait for a person come in addition.',
    labels: ['queue'],
    of: ['data-plane'],
  },
  toolplane_worker_calls_total: {
    type: 'counter',
    help: 'Tool calls that this worker has run, by how they ended; `code` is empty for successful calls.',
    labels: ['outcome', 'code'],
    of: ['data-plane'],
  },
  toolplane_upstream_requests_total: {
    type: 'counter',
    help: 'Requests to upstreams: `2xx` to `5xx` by the status of the answer, otherwise the code of the error.',
    labels: ['result'],
    of: ['data-plane'],
  },
  toolplane_upstream_request_seconds: {
    type: 'histogram',
    help: 'From a request to an upstream to its complete answer, including redirects and the wait for a free slot.',
    labels: [],
    buckets: 'calls',
    of: ['data-plane'],
  },
  toolplane_breaker_open: {
    type: 'gauge',
    help: 'Origins of upstreams that currently get no requests, because they failed.',
    labels: [],
    of: ['data-plane'],
  },
  toolplane_breaker_opened_total: {
    type: 'counter',
    help: 'How often an origin was cut off because it failed.',
    labels: [],
    of: ['data-plane'],
  },
  toolplane_secret_cache_total: {
    type: 'counter',
    help: 'Requested secrets: `hit` from memory; reads of the store: `miss`, `stale` when the store is away and memory has to do, `failed`.',
    labels: ['result'],
    of: ['data-plane'],
  },
  toolplane_seals_without_audience_total: {
    type: 'counter',
    help: 'Sealed values that do not say what they are for: `accepted` while `SEALS_WITHOUT_AUDIENCE_UNTIL` allows it, `refused` otherwise.',
    labels: ['result'],
    of: ['data-plane'],
  },

  toolplane_rest_requests_total: {
    type: 'counter',
    help: 'Requests to the REST API; `route` is the route of the description, `other` if there is none; status 499: the client left.',
    labels: ['method', 'route', 'status'],
    of: ['control-plane'],
  },
  toolplane_rest_request_seconds: {
    type: 'histogram',
    help: 'From a request to the REST API to its answer.',
    labels: ['route'],
    buckets: 'requests',
    of: ['control-plane'],
  },
  toolplane_database_connections: {
    type: 'gauge',
    help: 'Connections to PostgreSQL that are `idle` or `busy`, and requests that are `waiting` for one.',
    labels: ['state'],
    of: ['control-plane'],
  },
  toolplane_call_log_bytes: {
    type: 'gauge',
    help: 'Bytes of ended calls on their way to the call log, in Redis; absent while Redis does not say.',
    labels: [],
    of: ['control-plane'],
  },
  toolplane_call_log_lost_total: {
    type: 'counter',
    help: 'Ended calls that were dropped on their way to the call log, because there was no room.',
    labels: [],
    of: ['control-plane'],
  },
  toolplane_publication_pending: {
    type: 'gauge',
    help: '1 while Redis may lack something that the database has, otherwise 0.',
    labels: [],
    of: ['control-plane'],
  },
} as const satisfies Record<string, MetricDeclaration>;

/** Upper bounds in seconds. */
export const metricBuckets = {
  calls: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  requests: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30],
} as const;

type MetricDeclaration = {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  /** Only for histograms. */
  buckets?: 'calls' | 'requests';
  /** Exemplars refer to traces by `trace_id`. */
  exemplars?: true;
  /** The services that have this metric. */
  of: readonly ('edge' | 'data-plane' | 'control-plane')[];
};

type Metrics = typeof metrics;
export type MetricName<Type extends MetricDeclaration['type']> = {
  [Name in keyof Metrics]: Metrics[Name]['type'] extends Type ? Name : never;
}[keyof Metrics];
export type MetricLabel<Name extends keyof Metrics> = Metrics[Name]['labels'][number];
