import { createServer } from 'node:http';
import { connectBus, type ProcessStatus, startHeartbeat } from '@toolplane/bus';
import { createSigner, parseCallKeys, parsePoolKeys, toPepperKeys } from '@toolplane/sealing';
import {
  closeServer,
  createClientAddress,
  createClockWatch,
  findReasons,
  IDLE_CONNECTION_MS,
  identifyProcess,
  type Logger,
  listen,
  logSpansDropped,
  type ReadinessChecks,
  startHealthServer,
  startMetrics,
  startTelemetry,
} from '@toolplane/service-kit';
import { createControlPlaneApi } from './app.ts';
import { readControlPlaneConfig } from './config.ts';
import { connectToBus } from './connect-to-bus.ts';
import { showControlPlane } from './control-plane-metrics.ts';
import { createDomains } from './domains.ts';
import { listIntervalTasks } from './interval-tasks.ts';
import { createFleetDescription } from './operations/fleet-status.ts';
import { ANSWER_MS_MAX } from './platform/commands/commands.ts';
import { createDatabase } from './platform/database/database.ts';
import { createDatabaseProbe } from './platform/database/database-probe.ts';
import { repeat } from './platform/repeat.ts';
import { createPreparation } from './preparation.ts';
import { createCompiler } from './servers/documents/compiling/compiler.ts';
import { readCli } from './static/cli-file.ts';
import { readConsole } from './static/console-files.ts';

/** Starts the control plane. It starts even without PostgreSQL and Redis, and works as soon as they are available. */
export async function startControlPlane(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readControlPlaneConfig();
  const identity = identifyProcess(config.TOOLPLANE_REVISION);
  resources.use(await startTelemetry('control-plane', config, identity, logSpansDropped(logger)));
  const connection = resources.use(connectBus({ redisUrl: config.REDIS_URL.reveal() }));
  startMetrics('control-plane', identity, connection.states);
  const databaseOptions = {
    url: config.DATABASE_URL.reveal(),
    migrates: config.MIGRATE_AT_START,
    preparesStatements: config.DATABASE_PREPARED_STATEMENTS,
  };
  const database = resources.adopt(createDatabase(databaseOptions), (it) => it.close());
  const signer = await createSigner(config.MANIFEST_SIGNING_KEY.reveal());
  const bus = await connectToBus(resources, {
    connection,
    commandKeys: parseCallKeys(config.COMMAND_KEYS.reveal()),
    poolKeys: parsePoolKeys(config.POOL_COMMAND_KEYS?.reveal()),
    reportKeys: toPepperKeys(config.API_KEY_PEPPER.reveal()),
    signer,
    logger,
  });
  const { publisher, caller, locks, debugStreams, poolNames } = bus;
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
    quotas: {
      workspaces: config.WORKSPACES_PER_ORGANIZATION_MAX,
      servers: config.SERVERS_PER_ORGANIZATION_MAX,
      apiKeys: config.API_KEYS_PER_ORGANIZATION_MAX,
      externalUsers: config.EXTERNAL_USERS_PER_ORGANIZATION_MAX,
    },
    jaegerUrl: config.JAEGER_URL,
  });

  const prepare = await createPreparation({ database, domains, config, logger });
  await prepare.once();
  const databaseProbe = createDatabaseProbe({ database, isThere: prepare.isDone() });
  const tasks = listIntervalTasks({
    domains,
    publishing,
    following,
    prepareIfNeeded: prepare.ifNeeded,
    probeDatabase: databaseProbe.look,
    bus,
    database,
    logger,
  });
  for (const { run, ...task } of tasks) resources.use(repeat(run, { ...task, logger }));
  showControlPlane({ caller, database, endedCalls: bus.endedCalls });

  const requestsPerMinute = config.CONNECT_REQUESTS_PER_MINUTE;
  const webConsole = config.CONSOLE_DIR === undefined ? undefined : readConsole(config.CONSOLE_DIR);
  const cli = config.CLI_FILE === undefined ? undefined : readCli(config.CLI_FILE);
  const { EDGE_PUBLIC_URL: edgePublicUrl, ALLOWED_HOSTS: allowedHosts } = config;
  const pages = { edgePublicUrl, publicUrl, allowedHosts, requestsPerMinute, addressOf, webConsole, cli };
  const { app } = createControlPlaneApi(domains, pages, logger);
  const server = createServer({ keepAliveTimeout: IDLE_CONNECTION_MS }, app);
  await listen(server, config.PORT, config.HOST);
  resources.defer(() => closeServer(server));
  resources.defer(() => domains.debugSessions.following.close());
  const checks: ReadinessChecks = {
    migrations: () => (prepare.isDone() ? undefined : 'not applied yet'),
    database: () => (databaseProbe.isThere() ? undefined : 'does not answer'),
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
  const { note: onClock } = createClockWatch(logger);
  resources.adopt(await startHeartbeat({ bus: connection, describe, onClock }), (it) => it.close());
  const { migrations, isDone: areMigrationsApplied } = prepare;
  const describeFleet = createFleetDescription({
    fleet: bus.fleet,
    publishing,
    poolNames,
    migrations,
    areMigrationsApplied,
  });
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
