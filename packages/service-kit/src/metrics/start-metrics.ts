import { collectDefaultMetrics } from 'prom-client';
import type { ProcessIdentity } from '../process-identity.ts';
import { counter, gauge } from './metric.ts';
import { registry } from './registry.ts';

/** Gauges with names of counters, which the checks of Prometheus reject. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The connections to Redis by name, with the number of reconnection attempts. */
export type RedisConnections = () => Iterable<{ name: string; isReady: boolean; reconnects: number }>;

/** The metrics that every process reports about itself. Call it once per process. */
export function startMetrics(
  service: string,
  { version, revision = 'unknown' }: Pick<ProcessIdentity, 'version' | 'revision'>,
  redisConnections: RedisConnections,
): void {
  if (registry.getSingleMetric('process_start_time_seconds') === undefined)
    collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  gauge('toolplane_build_info').set({ service, version, revision }, 1);
  gauge('toolplane_redis_ready', (ready) => {
    ready.reset();
    for (const { name, isReady } of redisConnections()) ready.labels(name).set(isReady ? 1 : 0);
  });
  counter('toolplane_redis_reconnects_total', (counted) => {
    counted.reset();
    for (const { name, reconnects } of redisConnections()) counted.labels(name).inc(reconnects);
  });
}

/** An alert must detect the first of these events, and an increase can only be measured from an existing value. */
const RARE_EVENTS = ['worker_lost', 'envelope_rejected', 'reply_rejected', 'answer_rejected'];

/** Counts the events of the channel between the planes. */
export function createBusEventCount(): (event: { type: string }) => void {
  const events = counter('toolplane_bus_events_total');
  for (const type of RARE_EVENTS) events.labels(type).inc(0);
  return ({ type }) => events.labels(type).inc();
}
