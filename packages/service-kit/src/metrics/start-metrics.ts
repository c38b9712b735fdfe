import { collectDefaultMetrics } from 'prom-client';
import type { ProcessIdentity } from '../process-identity.ts';
import { counter, gauge } from './metric.ts';
import { registry } from './registry.ts';

/** Gauges whose names say that they are counters: Prometheus's own check refuses them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Connections to Redis by their names, and how often each was tried again. */
export type RedisConnections = () => Iterable<{ name: string; isReady: boolean; reconnects: number }>;

/** What every process reports about itself. Once per process. */
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

/** An alert must see the first of them, and an increase needs something to increase from. */
const RARE_EVENTS = ['worker_lost', 'envelope_rejected', 'reply_rejected', 'answer_rejected'];

/** Of the channel between the planes. */
export function createBusEventCount(): (event: { type: string }) => void {
  const events = counter('toolplane_bus_events_total');
  for (const type of RARE_EVENTS) events.labels(type).inc(0);
  return ({ type }) => events.labels(type).inc();
}
