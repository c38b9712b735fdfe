import { setTimeout as delay } from 'node:timers/promises';
import {
  connectBus,
  createCallLogWriter,
  createCallSlots,
  createEdgeStore,
  createNoteWriter,
  createPooledCaller,
  createRateLimits,
  createSnapshot,
  type ProcessStatus,
  startHeartbeat,
} from '@toolplane/bus';
import {
  createCallCipher,
  createRequestDigest,
  createVerifier,
  parseCallKeys,
  parsePoolKeys,
  toPepperKeys,
} from '@toolplane/sealing';
import {
  closeServer,
  createBusEventCount,
  createClientAddress,
  createClockWatch,
  endKeepAlive,
  findReasons,
  identifyProcess,
  type Logger,
  listen,
  logBusEvent,
  logSpansDropped,
  type ReadinessChecks,
  startHealthServer,
  startMetrics,
  startTelemetry,
} from '@toolplane/service-kit';
import { createEdgeApp } from './app.ts';
import { limitAnonymous } from './callers/anonymous-limit.ts';
import { limitCallers } from './callers/caller-limits.ts';
import { readEdgeConfig } from './config.ts';
import { createEdge } from './create-edge.ts';
import { registerGauges } from './edge-metrics.ts';
import { limitOpenStreams } from './transports/open-streams.ts';
import { createOriginCheck } from './transports/trusted-origin.ts';
import { createUsedOnce } from './use-once.ts';

/** The time for answering `unknown` to calls that are still running when the drain time ends. */
const ANSWER_MS = 1000;

/**
 * Wires the edge. Disposing the resources in reverse order drains it: it refuses new requests, finishes running ones,
 * and disconnects from Redis.
 */
export async function startEdge(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readEdgeConfig();
  const identity = identifyProcess(config.TOOLPLANE_REVISION);
  resources.use(await startTelemetry('edge', config, identity, logSpansDropped(logger)));
  const bus = resources.use(connectBus({ redisUrl: config.REDIS_URL.reveal() }));
  startMetrics('edge', identity, bus.states);
  const snapshot = await createSnapshot({ bus, verifier: await createVerifier(config.MANIFEST_VERIFY_KEYS) });
  const countEvent = createBusEventCount();
  const calls = await createPooledCaller({
    bus,
    queue: 'calls',
    keys: parseCallKeys(config.CALL_KEYS.reveal()),
    pools: parsePoolKeys(config.POOL_CALL_KEYS?.reveal()),
    tenantInFlightMax: config.TENANT_IN_FLIGHT_MAX,
    organizationInFlightMax: config.ORGANIZATION_IN_FLIGHT_MAX,
    totalInFlightMax: config.TOTAL_IN_FLIGHT_MAX,
    weights: config.ORGANIZATION_WEIGHTS,
    onEvent: (event) => {
      countEvent(event);
      logBusEvent(logger, 'calls', event);
    },
  });
  const sessionKeys = parseCallKeys(config.SESSION_KEYS.reveal());
  const store = await createEdgeStore({
    bus,
    keys: sessionKeys,
    bytesPerOrganizationMax: config.REDIS_MIB_PER_ORGANIZATION_MAX * 2 ** 20,
  });
  const noteOptions = { bus, keys: toPepperKeys(config.API_KEY_PEPPER.reveal()) };
  const seenCallers = await createNoteWriter('seen-callers', noteOptions);
  const seenUsers = await createNoteWriter('seen-users', noteOptions);
  const decisions = await createNoteWriter('decisions', noteOptions);
  const approvalRequests = await createNoteWriter('approval-requests', noteOptions);
  const callRates = await createRateLimits({ bus, of: 'calls' });
  const callSlots = await createCallSlots({ bus });
  const callLog = await createCallLogWriter(noteOptions);
  let isStopping = false;
  const stopping = new AbortController();
  const clock = createClockWatch(logger);
  const checks: ReadinessChecks = {
    clock: clock.check,
    edge: () => (isStopping ? 'stopping' : undefined),
    published: () => (snapshot.isReady() ? undefined : 'no snapshot of what is published yet'),
    queue: () => (calls.isReady() ? undefined : 'not connected'),
  };
  const describe = async (): Promise<ProcessStatus> => {
    const epoch = calls.epoch();
    // Omit the queue depths if Redis does not answer.
    const queues = epoch === undefined ? undefined : await calls.depths().catch(() => undefined);
    return {
      service: 'edge',
      ...identity,
      reasons: findReasons(checks),
      ...(epoch !== undefined && { epoch }),
      ...(queues !== undefined && { queues }),
      running: calls.running(),
    };
  };
  resources.adopt(await startHeartbeat({ bus, describe, onClock: clock.note }), (it) => it.close());
  const health = await startHealthServer({ host: config.HOST, port: config.HEALTH_PORT, checks, describe });
  resources.defer(() => closeServer(health));
  const openStreams = limitOpenStreams({
    perPrincipalMax: config.STREAMS_PER_CALLER_MAX,
    perOrganizationMax: config.STREAMS_PER_ORGANIZATION_MAX,
    totalMax: config.STREAMS_MAX,
  });
  registerGauges({ calls, leasesMax: config.TOTAL_IN_FLIGHT_MAX, openStreams });
  const edge = createEdge({
    calls,
    snapshot,
    store,
    callLog,
    callRates,
    callSlots,
    seenCallers,
    seenUsers,
    decisions,
    approvalRequests,
    usedOnce: createUsedOnce(),
    addressOf: createClientAddress(config.TRUSTED_PROXIES),
    cipher: createCallCipher(sessionKeys),
    digestRequest: createRequestDigest(sessionKeys),
    pepper: config.API_KEY_PEPPER,
    publicUrl: config.EDGE_PUBLIC_URL,
    connectUrl: config.CONTROL_PLANE_PUBLIC_URL,
    checkOrigin: createOriginCheck({
      publicUrl: config.EDGE_PUBLIC_URL,
      allowedHosts: config.ALLOWED_HOSTS,
      allowedOrigins: config.ALLOWED_ORIGINS,
    }),
    openStreams,
    limitAnonymous: limitAnonymous(config.PUBLIC_CALLS_PER_MINUTE),
    callerLimits: limitCallers({
      perCaller: {
        requestsPerSecond: config.REQUESTS_PER_CALLER_PER_SECOND,
        postsMax: config.POSTS_PER_CALLER_MAX,
      },
      perOrganization: {
        requestsPerSecond: config.REQUESTS_PER_ORGANIZATION_PER_SECOND,
        postsMax: config.POSTS_PER_ORGANIZATION_MAX,
      },
    }),
    stopping: stopping.signal,
    logger,
  });
  const app = createEdgeApp(edge);
  // Close both at the same time: new requests are refused, requests in progress get the drain time, and every response
  // still has its connection.
  resources.defer(async () => {
    await Promise.all([calls.close({ drainMs: config.DRAIN_MS }), closeServer(app, config.DRAIN_MS + ANSWER_MS)]);
  });
  await listen(app, config.PORT, config.HOST);
  // The load balancer removes this edge first; a request that still arrives is served.
  resources.defer(async () => {
    isStopping = true;
    endKeepAlive(app);
    await delay(config.DRAIN_DELAY_MS);
    stopping.abort();
  });
}
