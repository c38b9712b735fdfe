export { type ClientAddress, createClientAddress } from './client-address.ts';
export { ConfigError, commonSettings, readConfig, setting } from './config.ts';
export { closeServer, endKeepAlive, findReasons, listen, type ReadinessChecks, startHealthServer } from './health.ts';
export {
  listOf,
  type Page,
  type PageRequest,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from './http/answers.ts';
export { type Api, addOpenRoute, addRoute, createApi } from './http/api.ts';
export type { Change, ChangeEnd, RecordChange } from './http/changes.ts';
export { EventStream, eventStreamSchema, type ServerSentEvent } from './http/event-stream.ts';
export { JsonText, jsonTextSchema } from './http/json-text.ts';
export { createLargeBodies, type LargeBodies } from './http/large-bodies.ts';
export type { RequestPrincipal } from './http/route.ts';
export { logEvent } from './log-event.ts';
export { createLogger, type Logger } from './logger.ts';
export { counter, gauge, histogram } from './metrics/metric.ts';
export { showQueues } from './metrics/queue-metrics.ts';
export { createBusEventCount, startMetrics } from './metrics/start-metrics.ts';
export { type Tally, tally } from './metrics/tally.ts';
export { createNetworks, NETWORK_RULE, type Networks, parseNetwork } from './networks.ts';
export { toOneLine } from './one-line.ts';
export { identifyProcess, type ProcessIdentity } from './process-identity.ts';
export { currentRequest } from './request-context.ts';
export { runService } from './run-service.ts';
export { SecretValue } from './secret-value.ts';
export { logBusEvent, tellSpansDropped } from './service-events.ts';
export type { DropReason, OnDropped } from './telemetry/dropped-spans.ts';
export { startTelemetry } from './telemetry.ts';
export { type TraceCarrier, toCarrier, toContext, toLinks, toLogFields } from './trace-context.ts';
