import { createServer } from 'node:http';
import {
  type BusEvent,
  createApprovalWishReader,
  createCallLogReader,
  createDebugStreamReader,
  createDecisionReader,
  createFleetReader,
  createLocks,
  createPooledCaller,
  createPublisher,
  createSecretUseReader,
  createSeenCallerReader,
  createSeenUserReader,
  type ProcessStatus,
  redisConnections,
  type SecretUseReader,
  type SeenCaller,
  startHeartbeat,
} from '@toolplane/bus';
import { createSigner, parseCallKeys, parsePoolKeys, toPepperKeys } from '@toolplane/sealing';
import {
  closeServer,
  counter,
  createBusEventCount,
  createClientAddress,
  findReasons,
  IDLE_CONNECTION_MS,
  identifyProcess,
  type Logger,
  listen,
  logBusEvent,
  type ReadinessChecks,
  startHealthServer,
  startMetrics,
  startTelemetry,
  tellSpansDropped,
} from '@toolplane/service-kit';
import { createControlPlaneApi } from './app.ts';
import { createDecisionRecorder } from './audit/record-decisions.ts';
import { createCatalogueFilling } from './catalogue/fill-catalogue.ts';
import { readCli } from './cli/cli-file.ts';
import { ANSWER_MS_MAX } from './commands.ts';
import { readControlPlaneConfig } from './config.ts';
import { readConsole } from './console/console-files.ts';
import { showControlPlane } from './control-plane-metrics.ts';
import { createDatabase } from './database/database.ts';
import { createCompiler } from './documents/compiling/compiler.ts';
import { createDomains } from './domains.ts';
import { logCallsLost } from './events.ts';
import { createFleetDescription } from './fleet-status.ts';
import { createPreparation } from './preparation.ts';
import { repeat } from './repeat.ts';

/** How soon an emptied Redis is filled again, not counting the time that filling takes. */
const CATCH_UP_MS = 1000;
/** Deleted values are removed from the secret store soon after. */
const SWEEP_MS = 2000;
const SESSION_SWEEP_MS = 60_000;
const SECRET_USES_MS = 2000;
/** Due checks wait for at most this long. */
const EXTERNAL_CHECK_MS = 1000;
const SEEN_CALLERS_MS = 1000;
const SEEN_USERS_MS = 1000;
const APPROVAL_WISHES_MS = 500;
const APPROVAL_SWEEP_MS = 60_000;
const DECISIONS_MS = 1000;
const SEALING_KEY_REFRESH_MS = 60_000;
const CALL_LOG_MS = 1000;
const DATABASE_LOOK_MS = 2000;
const DEBUG_SWEEP_MS = 1000;
/** The longest time for which somebody can still debug after losing their key or role. */
const LOST_SESSIONS_MS = 5000;
const AUDIT_SWEEP_MS = 3600_000;
const CALL_LOG_SWEEP_MS = 3600_000;
const PLAN_SWEEP_MS = 6 * 3600_000;

/** Wires the control plane. It starts without PostgreSQL and Redis and works as soon as they are available. */
export async function startControlPlane(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readControlPlaneConfig();
  const identity = identifyProcess(config.TOOLPLANE_REVISION);
  resources.use(await startTelemetry('control-plane', config, identity, tellSpansDropped(logger)));
  startMetrics('control-plane', identity, redisConnections);
  const redisUrl = config.REDIS_URL.reveal();
  const databaseOptions = {
    url: config.DATABASE_URL.reveal(),
    migrates: config.MIGRATE_AT_START,
    preparesStatements: config.DATABASE_PREPARED_STATEMENTS,
  };
  const database = resources.adopt(createDatabase(databaseOptions), (it) => it.close());
  const signer = await createSigner(config.MANIFEST_SIGNING_KEY.reveal());
  const publisher = resources.adopt(await createPublisher({ redisUrl, signer }), (it) => it.close());
  const commandKeys = parseCallKeys(config.COMMAND_KEYS.reveal());
  const countEvent = createBusEventCount();
  const onEvent = (event: BusEvent) => {
    countEvent(event);
    logBusEvent(logger, 'commands', event);
  };
  const poolKeys = parsePoolKeys(config.POOL_COMMAND_KEYS?.reveal());
  const poolNames = [...poolKeys.keys()];
  const caller = resources.adopt(
    await createPooledCaller({ redisUrl, queue: 'commands', keys: commandKeys, pools: poolKeys, onEvent }),
    (it) => it.close({ drainMs: 5000 }),
  );
  const locks = resources.adopt(await createLocks({ redisUrl }), (it) => it.close());
  const fleet = resources.adopt(await createFleetReader({ redisUrl, pools: poolNames }), (it) => it.close());
  const useReaders: SecretUseReader[] = [];
  for (const [pool, keys] of [[undefined, commandKeys] as const, ...poolKeys]) {
    useReaders.push(resources.adopt(await createSecretUseReader({ redisUrl, keys, pool }), (it) => it.close()));
  }
  const noteOptions = { redisUrl, keys: toPepperKeys(config.API_KEY_PEPPER.reveal()) };
  const seenCallers = resources.adopt(await createSeenCallerReader(noteOptions), (it) => it.close());
  const seenUsers = resources.adopt(await createSeenUserReader(noteOptions), (it) => it.close());
  const decisions = resources.adopt(await createDecisionReader(noteOptions), (it) => it.close());
  const wishes = resources.adopt(await createApprovalWishReader(noteOptions), (it) => it.close());
  const debugStreams = resources.adopt(await createDebugStreamReader({ redisUrl, keys: commandKeys }), (it) =>
    it.close(),
  );
  const endedCalls = resources.adopt(await createCallLogReader(noteOptions), (it) => it.close());
  const compiler = resources.use(createCompiler());
  const publicUrl = config.CONTROL_PLANE_PUBLIC_URL ?? `http://127.0.0.1:${config.PORT}`;
  const addressOf = createClientAddress(config.TRUSTED_PROXIES);
  const { domains, publishing, following } = createDomains({
    database,
    publisher,
    debugStreams,
    caller,
    poolNames,
    locks,
    compiler,
    signer,
    logger,
    pepper: config.API_KEY_PEPPER,
    oauthSigningKeys: config.OAUTH_SIGNING_KEYS,
    publicUrl,
    addressOf,
    edgePublicUrl: config.EDGE_PUBLIC_URL,
    answerMsMax: ANSWER_MS_MAX,
    externalRefreshMs: config.EXTERNAL_REFRESH_SECONDS * 1000,
    auditRetentionDays: config.AUDIT_RETENTION_DAYS,
    callLogRetentionDays: config.CALL_LOG_RETENTION_DAYS,
    jaegerUrl: config.JAEGER_URL,
  });

  const prepare = await createPreparation({ database, domains, config, logger });
  await prepare.once();
  resources.use(
    repeat(
      async () => {
        await prepare.ifNeeded();
        await publishing.catchUp();
      },
      { name: 'publishing', everyMs: CATCH_UP_MS, logger },
    ),
  );
  const fillCatalogue = createCatalogueFilling({ database });
  resources.use(
    repeat(
      async () => {
        await following.catchUp();
        await fillCatalogue();
      },
      { name: 'connector versions', everyMs: CATCH_UP_MS, logger },
    ),
  );
  resources.use(repeat(() => domains.secrets.sweep(), { name: 'secret sweep', everyMs: SWEEP_MS, logger }));
  resources.use(
    repeat(
      async () => {
        for (const uses of useReaders) await uses.collect(domains.secrets.noteUses);
      },
      { name: 'secret uses', everyMs: SECRET_USES_MS, logger },
    ),
  );
  resources.use(
    repeat(() => domains.externalServers.refreshDue(), {
      name: 'external servers',
      everyMs: EXTERNAL_CHECK_MS,
      logger,
    }),
  );
  const noteSeen = async (seen: SeenCaller[]) => {
    await domains.apiKeys.noteSeen(seen);
    await domains.agents.noteSeen(seen);
  };
  resources.use(
    repeat(() => seenCallers.collect(noteSeen), { name: 'seen callers', everyMs: SEEN_CALLERS_MS, logger }),
  );
  resources.use(
    repeat(() => seenUsers.collect(domains.externalUsers.noteSeen), {
      name: 'seen users',
      everyMs: SEEN_USERS_MS,
      logger,
    }),
  );
  resources.use(
    repeat(() => wishes.collect(domains.approvals.noteWishes), {
      name: 'approval wishes',
      everyMs: APPROVAL_WISHES_MS,
      logger,
    }),
  );
  resources.use(repeat(() => domains.approvals.sweep(), { name: 'approvals', everyMs: APPROVAL_SWEEP_MS, logger }));
  resources.use(
    repeat(
      async () => {
        await domains.credentials.sweep();
        await domains.connectLinks.sweep();
        await domains.externalSignIns.sweep();
      },
      { name: 'credential sweep', everyMs: SWEEP_MS, logger },
    ),
  );
  const recordDecisions = createDecisionRecorder({ database, audit: domains.audit });
  resources.use(repeat(() => decisions.collect(recordDecisions), { name: 'decisions', everyMs: DECISIONS_MS, logger }));
  showControlPlane({ caller, database, endedCalls });
  const lostCalls = counter('toolplane_call_log_lost_total');
  const takeCallsOver = async () => {
    const lost = await endedCalls.collect(domains.callLog.takeOver);
    lostCalls.inc(lost);
    if (lost > 0) logCallsLost(logger, lost);
  };
  resources.use(repeat(takeCallsOver, { name: 'call log', everyMs: CALL_LOG_MS, logger }));
  resources.use(repeat(() => domains.callLog.sweep(), { name: 'call log sweep', everyMs: CALL_LOG_SWEEP_MS, logger }));
  resources.use(repeat(() => publishing.sweepPlans(), { name: 'plan sweep', everyMs: PLAN_SWEEP_MS, logger }));
  const { debugSessions } = domains;
  resources.use(repeat(() => debugSessions.sweep(), { name: 'debug sessions', everyMs: DEBUG_SWEEP_MS, logger }));
  resources.use(repeat(() => debugSessions.endLost(), { name: 'lost sessions', everyMs: LOST_SESSIONS_MS, logger }));
  resources.use(
    repeat(() => debugSessions.forgetOld(), { name: 'old debug sessions', everyMs: AUDIT_SWEEP_MS, logger }),
  );
  resources.use(repeat(() => domains.audit.sweep(), { name: 'audit sweep', everyMs: AUDIT_SWEEP_MS, logger }));
  resources.use(
    repeat(
      async () => {
        await domains.sessions.sweep();
        await domains.authorizationServer?.sweep();
        await domains.singleSignOn.sweep();
        await domains.throttle.sweep();
      },
      { name: 'session sweep', everyMs: SESSION_SWEEP_MS, logger },
    ),
  );
  resources.use(
    repeat(domains.sealingKeys.refresh, {
      name: 'sealing key',
      everyMs: SEALING_KEY_REFRESH_MS,
      logger,
    }),
  );

  const requestsPerMinute = config.CONNECT_REQUESTS_PER_MINUTE;
  const webConsole = config.CONSOLE_DIR === undefined ? undefined : readConsole(config.CONSOLE_DIR);
  const cli = config.CLI_FILE === undefined ? undefined : readCli(config.CLI_FILE);
  const pages = { edgePublicUrl: config.EDGE_PUBLIC_URL, publicUrl, requestsPerMinute, addressOf, webConsole, cli };
  const { app } = createControlPlaneApi(domains, pages, logger);
  const server = createServer({ keepAliveTimeout: IDLE_CONNECTION_MS }, app);
  await listen(server, config.PORT, config.HOST);
  resources.defer(() => closeServer(server));
  resources.defer(() => debugSessions.following.close());
  let isDatabaseThere = prepare.isDone();
  const lookAtDatabase = async () => {
    isDatabaseThere = await database
      .asPlatform((tx) => tx.$queryRaw`SELECT 1`)
      .then(
        () => true,
        () => false,
      );
  };
  resources.use(repeat(lookAtDatabase, { name: 'database', everyMs: DATABASE_LOOK_MS, logger }));
  const checks: ReadinessChecks = {
    migrations: () => (prepare.isDone() ? undefined : 'not applied yet'),
    database: () => (isDatabaseThere ? undefined : 'does not answer'),
  };
  const describe = async (): Promise<ProcessStatus> => {
    const epoch = caller.epoch();
    const queues = epoch === undefined ? undefined : await caller.depths().catch(() => undefined);
    return {
      service: 'control-plane',
      ...identity,
      reasons: findReasons(checks),
      running: caller.running(),
      ...(epoch !== undefined && { epoch }),
      ...(queues !== undefined && { queues }),
    };
  };
  resources.adopt(await startHeartbeat({ redisUrl, describe }), (it) => it.close());
  const { migrations, isDone: areMigrationsApplied } = prepare;
  const describeFleet = createFleetDescription({ fleet, publishing, poolNames, migrations, areMigrationsApplied });
  const health = await startHealthServer({
    host: config.HOST,
    port: config.HEALTH_PORT,
    checks,
    async describe() {
      const own = await describe();
      return { ...own, fleet: await describeFleet(own) };
    },
  });
  resources.defer(() => closeServer(health));
}
