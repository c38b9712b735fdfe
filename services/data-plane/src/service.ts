import assert from 'node:assert';
import {
  createLocks,
  createRateLimits,
  createSecretChanges,
  createSnapshot,
  createWorker,
  type Worker,
  type WorkerOptions,
} from '@toolplane/bus';
import { type SecretRef, sourceLimits } from '@toolplane/contracts';
import { type CallKeys, createVerifier, parseCallKeys } from '@toolplane/sealing';
import { closeServer, type Logger, startHealthServer, startTelemetry } from '@toolplane/service-kit';
import { createCommandHandler } from './commands/handle-command.ts';
import { type DataPlaneConfig, readDataPlaneConfig } from './config.ts';
import { createDocumentFetcher } from './documents/fetch-document.ts';
import { createAddressGuard } from './egress/address-guard.ts';
import { createHttpClient } from './egress/http-client.ts';
import type { EgressPolicy } from './egress/url-guard.ts';
import { logBusEvent, logInternalError } from './events.ts';
import { systemClock } from './execution/clock.ts';
import { createChainCache } from './execution/connections/chains.ts';
import { createFingerprint, type Fingerprint } from './execution/connections/fingerprint.ts';
import { createCallHandler } from './execution/handle-call.ts';
import type { RunTools } from './execution/run.ts';
import { createCredentialRecords } from './secrets/credential-records.ts';
import { createFileStore } from './secrets/file-store.ts';
import { createGrants } from './secrets/grants.ts';
import { createSealingKeyLoader } from './secrets/sealing-key.ts';
import { createSecretCache } from './secrets/secret-cache.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import { createTokenCache } from './secrets/tokens.ts';

/** What stopped calls get to end before the process is killed. */
const STOP_MS = 5000;
const COMMANDS_AT_ONCE = 20;

/** Wires the data plane. Resources are disposed in reverse, which is the drain: fetch no more, finish, let go of Redis. */
export async function startDataPlane(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readDataPlaneConfig();
  resources.use(startTelemetry('data-plane', config.OTEL_EXPORTER_OTLP_ENDPOINT));
  const redisUrl = config.REDIS_URL.reveal();
  const verifier = await createVerifier(config.MANIFEST_VERIFY_KEYS);
  const snapshot = resources.adopt(await createSnapshot({ redisUrl, verifier }), (it) => it.close());
  const changes = resources.adopt(await createSecretChanges({ redisUrl }), (it) => it.close());
  const locks = resources.adopt(await createLocks({ redisUrl }), (it) => it.close());
  const rateLimits = resources.adopt(await createRateLimits({ redisUrl }), (it) => it.close());
  const callKeys = parseCallKeys(config.CALL_KEYS.reveal());

  const store = await createStore(config);
  const secrets = createSecretCache({ store });
  changes.onSecretChange(secrets.invalidate);
  changes.onMissedChanges(secrets.expireAll);
  const announceChange = async (ref: SecretRef) => {
    secrets.invalidate(ref);
    await changes.announceSecretChange(ref);
  };
  const records = createCredentialRecords({ store, locks, announceChange });
  const policy = toPolicy(config);
  const client = resources.adopt(createHttpClient({ policy, responseBytesMax: config.RESPONSE_BYTES_MAX }), (it) =>
    it.close(),
  );
  const documents = resources.adopt(createHttpClient({ policy, responseBytesMax: sourceLimits.bytesMax }), (it) =>
    it.close(),
  );
  const tools: RunTools = {
    ...{ client, secrets, rateLimits, clock: systemClock },
    tokens: createTokenCache({ client }),
    grants: createGrants({ records, secrets, client }),
    chains: createChainCache({ client }),
    fingerprint: fingerprintOf(callKeys),
    onInternalError: (error) => logInternalError(logger, error),
  };
  const handleCall = createCallHandler({ getPlan: snapshot.getPlan, tools });
  const getSealingKey = createSealingKeyLoader(store);
  const loading = getSealingKey();
  // A folder or key that cannot be used is a wrong setting; a service that is away comes back, and most calls go on.
  if (config.SECRETS_STORE === 'file') await loading;
  else loading.catch(() => logger.warn('the secret store is away: until it is back no secret can be stored'));
  const handleCommand = createCommandHandler({
    ...{ store, records, getSealingKey, announceChange, tools },
    fetchDocument: createDocumentFetcher({ client: documents }),
  });

  // Every key is read before the first worker exists: what cannot start must not have begun.
  const queues = [
    {
      queue: 'calls',
      keys: callKeys,
      handle: handleCall,
      concurrency: config.CONCURRENCY,
    },
    {
      queue: 'commands',
      keys: parseCallKeys(config.COMMAND_KEYS.reveal()),
      handle: handleCommand,
      concurrency: COMMANDS_AT_ONCE,
    },
  ];
  const workers: Worker[] = [];
  const health = await startHealthServer({
    host: config.HOST,
    port: config.HEALTH_PORT,
    checks: {
      published: () => (snapshot.isReady() ? undefined : 'no snapshot of what is published yet'),
      queues: () => (workers.length > 0 && workers.every((it) => it.isReady()) ? undefined : 'not taking calls'),
    },
  });
  // Outlives the workers, so that a draining process is still alive, only not ready.
  resources.defer(() => closeServer(health));
  resources.defer(async () => {
    await Promise.all(workers.map((it) => it.close({ graceMs: config.SHUTDOWN_GRACE_MS - STOP_MS })));
  });
  for (const { queue, keys, handle, concurrency } of queues) {
    const onEvent: WorkerOptions['onEvent'] = (event) => logBusEvent(logger, queue, event);
    workers.push(await createWorker({ redisUrl, queue, keys, handle, concurrency, onEvent }));
  }
  for (const worker of workers) worker.run();
  const { EGRESS_ALLOW_CIDRS: ranges } = config;
  if (ranges.length > 0) logger.warn({ ranges }, 'tools may reach addresses inside');
}

async function createStore(config: DataPlaneConfig): Promise<SecretStore> {
  if (config.SECRETS_STORE === 'file') return createFileStore({ folder: config.SECRETS_DIR, key: config.SECRETS_KEY });
  // The SDK is large: a process that does not use it does not load it.
  const { createAwsStore } = await import('./secrets/aws-store.ts');
  return createAwsStore({ environment: config.ENVIRONMENT });
}

/** The same in all data planes, and unknown to Redis. */
function fingerprintOf(keys: CallKeys): Fingerprint {
  const key = keys.derive(keys.sealingKid, 'rate-window', '');
  assert(key !== undefined);
  return createFingerprint(key);
}

function toPolicy(config: DataPlaneConfig): EgressPolicy {
  const isHttpAllowed = config.EGRESS_ALLOW_HTTP;
  return {
    addresses: createAddressGuard(config.EGRESS_ALLOW_CIDRS),
    isHttpAllowed,
    ports: config.EGRESS_PORTS ?? new Set([443, 8443, 8080, ...(isHttpAllowed ? [80] : [])]),
  };
}
