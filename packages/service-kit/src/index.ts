export { type ClientAddress, createClientAddress } from './client-address.ts';
export { createClockWatch } from './clock-watch.ts';
export { ConfigError, commonSettings, readConfig, setting } from './config.ts';
export {
  closeServer,
  endKeepAlive,
  findReasons,
  IDLE_CONNECTION_MS,
  listen,
  type ReadinessChecks,
  startHealthServer,
} from './health.ts';
export { createHostCheck, isLoopbackHost } from './host-check.ts';
export { logEvent } from './log-event.ts';
export { createLogger, type Logger } from './logger.ts';
export { counter, gauge, histogram } from './metrics/metric.ts';
export { showQueues } from './metrics/queue-metrics.ts';
export { createBusEventCount, startMetrics } from './metrics/start-metrics.ts';
export { type Tally, tally } from './metrics/tally.ts';
export { createNetworks, NETWORK_RULE, type Networks, networkOf, parseNetwork, siteNetworkOf } from './networks.ts';
export { toOneLine } from './one-line.ts';
export { identifyProcess, type ProcessIdentity } from './process-identity.ts';
export { currentRequest } from './request-context.ts';
export { runService } from './run-service.ts';
export { SecretValue } from './secret-value.ts';
export { createSemaphore } from './semaphore.ts';
export { logBusEvent, logSpansDropped } from './service-events.ts';
export type { DropReason, OnDropped } from './telemetry/dropped-spans.ts';
export { startTelemetry } from './telemetry.ts';
export { type TraceCarrier, toCarrier, toContext, toLinks, toLogFields } from './trace-context.ts';
