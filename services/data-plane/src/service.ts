import assert from 'node:assert';
import {
  connectBus,
  createDebugStreamWriter,
  createLocks,
  createNoteWriter,
  createRateLimits,
  createSecretChanges,
  createSnapshot,
  createWorker,
  inPool,
  type ProcessStatus,
  startHeartbeat,
  type Worker,
  type WorkerOptions,
} from '@toolplane/bus';
import { clientDocumentLimits, type SecretRef, sourceLimits } from '@toolplane/contracts';
import { type CallKeys, createVerifier, parseCallKeys } from '@toolplane/sealing';
import {
  closeServer,
  createBusEventCount,
  createClockWatch,
  findReasons,
  identifyProcess,
  type Logger,
  logBusEvent,
  logSpansDropped,
  type ReadinessChecks,
  startHealthServer,
  startMetrics,
  startTelemetry,
} from '@toolplane/service-kit';
import { createCommandHandler } from './commands/handle-command.ts';
import { readDataPlaneConfig } from './config.ts';
import { createClientDocumentFetcher, createDocumentFetcher } from './documents/fetch-document.ts';
import { inCall } from './egress/current-call.ts';
import { toEgressOptions } from './egress/egress-settings.ts';
import { createHttpClient } from './egress/http-client.ts';
import { logCallEnded, logInsideReachable, logInternalError, logNoSealingKey } from './events.ts';
import { systemClock } from './execution/clock.ts';
import { createChainCache } from './execution/connections/chains.ts';
import { createFingerprint, type Fingerprint } from './execution/connections/fingerprint.ts';
import { createExternalTokens } from './execution/external/external-tokens.ts';
import { createCallHandler } from './execution/handle-call.ts';
import type { RunServices } from './execution/run.ts';
import { createConnectionPool } from './external-mcp/connection-pool.ts';
import { createConnectLinks } from './secrets/connect-links.ts';
import { createCredentialRecords } from './secrets/credential-records.ts';
import { createTokenExchange } from './secrets/exchanged-tokens.ts';
import { createGrants } from './secrets/grants.ts';
import { logFailures } from './secrets/log-failures.ts';
import { openStore } from './secrets/open-store.ts';
import { createSealedValues } from './secrets/sealed-values.ts';
import { createSealingKeys, requireReachable } from './secrets/sealing-keys.ts';
import { createSecretCache } from './secrets/secret-cache.ts';
import { createTokenCache } from './secrets/tokens.ts';
import { watchStore } from './secrets/watch-store.ts';
import { createGrantCheck } from './traces/check-grant.ts';
import { createOpenTrace } from './traces/open-trace.ts';
import { showWorkers } from './worker-metrics.ts';

/** The time that stopped calls have to end before the process is killed. */
const STOP_MS = 5000;
const COMMANDS_AT_ONCE = 20;

/**
 * Wires the data plane. Resources are disposed in reverse order, which drains the process: it accepts no more work,
 * finishes its work, and disconnects from Redis.
 */
export async function startDataPlane(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readDataPlaneConfig();
  const identity = identifyProcess(config.TOOLPLANE_REVISION);
  resources.use(await startTelemetry('data-plane', config, identity, logSpansDropped(logger)));
  const bus = resources.use(connectBus({ redisUrl: config.REDIS_URL.reveal() }));
  startMetrics('data-plane', identity, bus.states);
  const pool = config.POOL;
  const verifier = await createVerifier(config.MANIFEST_VERIFY_KEYS);
  const snapshot = await createSnapshot({ bus, verifier });
  const changes = await createSecretChanges({ bus, pool });
  const locks = await createLocks({ bus, pool });
  const rateLimits = await createRateLimits({ bus, pool });
  const callKeys = parseCallKeys(config.CALL_KEYS.reveal());
  const commandKeys = parseCallKeys(config.COMMAND_KEYS.reveal());
  // Servers in a pool have no debug sessions.
  const debugStream = pool === undefined ? await createDebugStreamWriter({ bus, keys: commandKeys }) : undefined;
  const secretUses = await createNoteWriter('secret-uses', { bus, keys: commandKeys, pool });

  const store = logFailures(await openStore(config), logger);
  const secrets = createSecretCache({ store });
  changes.onSecretChange(secrets.invalidate);
  changes.onMissedChanges(secrets.expireAll);
  const announceChange = async (ref: SecretRef) => {
    secrets.invalidate(ref);
    await changes.announceSecretChange(ref);
  };
  const getSealingKeys = createSealingKeys(store);
  const sealedValues = createSealedValues({
    getSealingKeys,
    withoutAudienceUntil: config.SEALS_WITHOUT_AUDIENCE_UNTIL,
    now: systemClock.now,
  });
  const links = createConnectLinks({ getSealingKeys });
  const records = createCredentialRecords({ store, locks, announceChange });
  const egress = { ...toEgressOptions(config), rulesOf: snapshot.getEgressRules };
  const client = resources.adopt(
    createHttpClient({
      ...egress,
      responseBytesMax: config.RESPONSE_BYTES_MAX,
      requestsPerOriginMax: config.EGRESS_REQUESTS_PER_ORIGIN,
    }),
    (it) => it.close(),
  );
  const documents = resources.adopt(createHttpClient({ ...egress, responseBytesMax: sourceLimits.bytesMax }), (it) =>
    it.close(),
  );
  const clientDocuments = resources.adopt(
    createHttpClient({ ...egress, responseBytesMax: clientDocumentLimits.bytesMax }),
    (it) => it.close(),
  );
  const services: RunServices = {
    client,
    secrets,
    rateLimits,
    links,
    clock: systemClock,
    tokens: createTokenCache({ client }),
    grants: createGrants({ records, secrets, client }),
    exchange: createTokenExchange({ client }),
    chains: createChainCache({ client }),
    externalServers: resources.adopt(createConnectionPool({ http: client }), (it) => it.close()),
    externalTokens: createExternalTokens({ records, secrets, http: client, now: () => systemClock.now() }),
    fingerprint: fingerprintOf(callKeys),
    noteSecretUse: (ref) => secretUses.note({ ref }),
    onInternalError: (error, work) => logInternalError(logger, error, work),
  };
  const openTrace = createOpenTrace({
    checkGrant: createGrantCheck({ verifier, now: systemClock.now }),
    append: debugStream?.append ?? (() => undefined),
    now: systemClock.now,
  });
  const handleCall = createCallHandler({
    getPlan: snapshot.getPlan,
    services,
    openTrace,
    onEnded: (call, work, outcome) => logCallEnded(logger, call, work, outcome),
  });
  // A folder or key that cannot be used is a wrong setting. A service that is unavailable will return, and most calls
  // continue meanwhile.
  if (config.SECRETS_STORE === 'file') await getSealingKeys();
  else if (config.SECRETS_STORE !== 'mounted') {
    getSealingKeys().catch(() => logNoSealingKey(logger));
  }
  const handleCommand = createCommandHandler({
    store,
    locks,
    records,
    getSealingKeys,
    sealedValues,
    links,
    announceChange,
    services,
    fetchDocument: createDocumentFetcher({ client: documents }),
    fetchClientDocument: createClientDocumentFetcher({ client: clientDocuments }),
  });

  // All keys are read before the first worker exists: a process that cannot start must not have begun any work.
  const queues = [
    {
      queue: inPool('calls', pool),
      keys: callKeys,
      handle: handleCall,
      concurrency: config.CONCURRENCY,
    },
    {
      queue: inPool('commands', pool),
      keys: commandKeys,
      handle: handleCommand,
      concurrency: COMMANDS_AT_ONCE,
    },
  ];
  const workers: Worker[] = [];
  const storeWatch = resources.use(watchStore(() => requireReachable(store)));
  const clock = createClockWatch(logger);
  const checks: ReadinessChecks = {
    clock: clock.check,
    published: () => (snapshot.isReady() ? undefined : 'no snapshot of what is published yet'),
    queues: () => (workers.length > 0 && workers.every((it) => it.isReady()) ? undefined : 'not taking calls'),
  };
  const describe = async (): Promise<ProcessStatus> => {
    const epoch = workers[0]?.epoch();
    const secretStore = storeWatch.state();
    return {
      service: 'data-plane',
      ...identity,
      reasons: findReasons(checks),
      ...(pool !== undefined && { pool }),
      ...(epoch !== undefined && { epoch }),
      running: workers.reduce((sum, worker) => sum + worker.running(), 0),
      ...(secretStore !== undefined && { secretStore }),
    };
  };
  resources.adopt(await startHeartbeat({ bus, describe, onClock: clock.note }), (it) => it.close());
  const health = await startHealthServer({ host: config.HOST, port: config.HEALTH_PORT, checks, describe });
  // The health server outlives the workers, so that a draining process is still alive, only not ready.
  resources.defer(() => closeServer(health));
  resources.defer(async () => {
    await Promise.all(workers.map((it) => it.close({ graceMs: config.SHUTDOWN_GRACE_MS - STOP_MS })));
  });
  const shown: Parameters<typeof showWorkers>[0][number][] = [];
  const countEvent = createBusEventCount();
  for (const { queue, keys, handle, concurrency } of queues) {
    const onEvent: WorkerOptions['onEvent'] = (event) => {
      countEvent(event);
      logBusEvent(logger, queue, event);
    };
    const worker = await createWorker({
      bus,
      queue,
      keys,
      concurrency,
      handle: (call) => inCall(call, () => handle(call)),
      onEvent,
    });
    workers.push(worker);
    shown.push({ queue, worker, concurrency });
  }
  showWorkers(shown, [client, documents, clientDocuments]);
  for (const worker of workers) worker.run();
  const { EGRESS_ALLOW_CIDRS: ranges } = config;
  if (ranges.length > 0) logInsideReachable(logger, ranges);
}

/** Creates a fingerprint that is the same in all data planes, with a key that Redis does not know. */
function fingerprintOf(keys: CallKeys): Fingerprint {
  const key = keys.derive(keys.sealingKid, 'rate-window', '');
  assert(key !== undefined);
  return createFingerprint(key);
}
