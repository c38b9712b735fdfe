import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild, waitUntilReady } from '@toolplane/local/child';
import { openHome, type Ports } from '@toolplane/local/home';
import { type RedisUrls, startRedis } from '@toolplane/local/redis';
import { createRestClient, type RestClient } from '@toolplane/local/rest-client';
import { describeServices, type ServiceSettings } from '@toolplane/local/services';
import { getFreePort } from '@toolplane/loopback/ports';
import { Redis } from 'ioredis';
import { listToolNames } from './plain-client.ts';
import { createTestPool, describePool, describePools, type TestPool } from './pools.ts';
import { sealFor } from './seal-for.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { until } from './until.ts';

export type ServiceName = 'edge' | 'data-plane' | 'control-plane';

export type TestPlatform = AsyncDisposable & {
  api: string;
  mcp: string;
  apiKey: string;
  rest: RestClient;
  database: TestDatabase;
  /** The URL of the Redis user who may do anything. */
  redisUrl: string;
  /** The URL of each Redis user. */
  redisUrls: RedisUrls;
  /** The folder of the file secret store. */
  secretsFolder: string;
  /** The key with which the control plane signs what it publishes. */
  signingKey: string;
  service(name: ServiceName): RunningService;
  /** Starts an additional process of a service, with the same keys. */
  startReplica(name: ServiceName): Promise<ServiceReplica>;
  /** The data plane of a pool, which runs only after `start`. */
  pool(name: string): RunningService & { settings: TestPool; redisUrl: string };
  healthUrl(name: ServiceName): string;
  redisPid(): number;
  killRedis(signal?: NodeJS.Signals): Promise<void>;
  /** Restarts Redis with its data if the platform keeps it (`keepsRedisData`), unless `isEmpty` is set. */
  restartRedis(options?: { isEmpty?: boolean }): Promise<void>;
  /**
   * Commands that Redis has refused because a user may not run them; disposing of the platform fails if there are any.
   */
  refusals(): Promise<string[]>;
  /** The logs of all services so far. */
  logs(): string;
};

export type RunningService = {
  pid(): number;
  /** The `/metrics` of the service, in the requested format. */
  metrics(accept?: string): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
};

/** `name` is the name of the process. `url` and `healthUrl` are the base URLs of its service and of its health port. */
export type ServiceReplica = RunningService & { name: string; url: string; healthUrl: string };

type Environment = Record<string, string>;
/** Returns the additional environment of a process; called each time the process is started. */
type ToEnvironment = (ports: Ports, service: ServiceSettings) => Environment | Promise<Environment>;

type PlatformOptions = {
  poolNames?: readonly string[];
  /** Redis stores its data on disk; otherwise a restart empties it. */
  keepsRedisData?: boolean;
  redisEnvironment?: Environment;
};

/**
 * Starts all planes as real processes, as local mode does, with a Redis and a database of their own: a test may kill
 * any of them.
 */
export async function startPlatform(
  given: Environment | ToEnvironment = {},
  { poolNames = [], keepsRedisData = false, redisEnvironment }: PlatformOptions = {},
): Promise<TestPlatform> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-e2e-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const home = await openHome(folder, undefined);
  const toEnvironment: ToEnvironment = typeof given === 'function' ? given : () => given;
  const database = await createTestDatabase();
  resources.defer(() => database.drop());

  const redisPort = await getFreePort();
  const binary = process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
  const passwords = home.keys.redisPasswords;
  const pools = poolNames.map((name) => createTestPool(name, folder));
  const poolPasswords = new Map(pools.map(({ name, password }) => [name, password]));
  const redisFolder = join(folder, 'redis');
  const startOwnRedis = () =>
    startRedis({
      binary,
      logFile: join(folder, 'logs', 'redis.log'),
      port: redisPort,
      passwords,
      poolPasswords,
      ...(keepsRedisData ? { dataFolder: redisFolder } : {}),
      ...(redisEnvironment === undefined ? {} : { env: redisEnvironment }),
    });
  let redis = await startOwnRedis();
  const redisUrls = redis.urls;
  const { poolUrls } = redis;
  resources.defer(() => redis.child.stop());
  const refusals = () => listRefusals(redisUrls.admin);

  const children = new Map<string, Child>();
  const poolEnvironments = describePools(pools);
  const settings = describeServices(home, database.url, redisUrls)
    .filter(({ name }) => name !== 'sample')
    .map((service) => ({ ...service, env: { ...service.env, ...poolEnvironments[service.name] } }));
  const healthPorts = new Map<string, number>();
  const startService = async (service: ServiceSettings, keep: (child: Child) => void) => {
    if (service.healthPort !== undefined) healthPorts.set(service.name, service.healthPort);
    const environment = await toEnvironment(home.ports, service);
    const child = await startChild({ ...service, env: { ...service.env, ...environment } });
    keep(child);
    const url = `http://127.0.0.1:${service.healthPort}/readyz`;
    try {
      await waitUntilReady(child, async () => (await fetch(url).catch(() => undefined))?.ok ?? false);
    } catch (error) {
      // The service may be started again, and then nothing would stop this process.
      await child.stop();
      throw error;
    }
  };
  const findService = (name: ServiceName) => {
    const service = settings.find((candidate) => candidate.name === name);
    if (service === undefined) throw new Error(`no such service: ${name}`);
    return service;
  };
  const start = (name: ServiceName) => startService(findService(name), (child) => children.set(name, child));
  const startPool = async (pool: TestPool) => {
    const service = findService('data-plane');
    const healthPort = await getFreePort();
    const env = { ...service.env, ...describePool(pool, required(poolUrls.get(pool.name))) };
    const name = `data-plane-${pool.name}`;
    const replica = { ...service, name, healthPort, env: { ...env, HEALTH_PORT: String(healthPort) } };
    const logFile = join(folder, 'logs', `${name}.log`);
    await startService({ ...replica, logFile }, (child) => children.set(name, child));
  };
  const runningService = (name: string, startAgain: () => Promise<void>): RunningService => ({
    pid: () => children.get(name)?.pid ?? 0,
    async metrics(accept = 'text/plain') {
      const url = `http://127.0.0.1:${required(healthPorts.get(name))}/metrics`;
      return (await fetch(url, { headers: { accept } })).text();
    },
    async kill(signal) {
      const child = children.get(name);
      if (child !== undefined) process.kill(child.pid, signal);
      await child?.ended;
    },
    start: startAgain,
  });
  const startReplica = async (name: ServiceName): Promise<ServiceReplica> => {
    const service = findService(name);
    const [port, healthPort] = [await getFreePort(), await getFreePort()];
    const replicaName = `${name} ${children.size + 1}`;
    const replica = {
      ...service,
      name: replicaName,
      healthPort,
      env: { ...service.env, PORT: String(port), HEALTH_PORT: String(healthPort) },
      logFile: join(folder, 'logs', `${replicaName.replace(' ', '-')}.log`),
    };
    const startAgain = () => startService(replica, (child) => children.set(replicaName, child));
    await startAgain();
    const urls = { url: `http://127.0.0.1:${port}`, healthUrl: `http://127.0.0.1:${healthPort}` };
    return { name: replicaName, ...runningService(replicaName, startAgain), ...urls };
  };
  resources.defer(async () => {
    await Promise.all([...children.values()].map((child) => child.stop()));
  });
  await Promise.all((['control-plane', 'data-plane', 'edge'] as const).map(start));
  resources.defer(async () => {
    const refused = redis.child.hasEnded() ? [] : await refusals();
    if (refused.length > 0) throw new Error(`Redis refused to services what they need: ${refused.join('; ')}`);
  });

  const api = `http://127.0.0.1:${home.ports.api}`;
  const owned = resources.move();
  return {
    api,
    mcp: `http://127.0.0.1:${home.ports.mcp}`,
    apiKey: home.keys.apiKey,
    rest: createRestClient(api, home.keys.apiKey),
    database,
    redisUrl: redisUrls.admin,
    redisUrls,
    secretsFolder: join(folder, 'secrets'),
    signingKey: home.keys.signingKey,
    service: (name) => runningService(name, () => start(name)),
    pool(name) {
      const pool = required(pools.find((each) => each.name === name));
      const redisUrl = required(poolUrls.get(name));
      return { ...runningService(`data-plane-${name}`, () => startPool(pool)), settings: pool, redisUrl };
    },
    healthUrl: (name) => `http://127.0.0.1:${findService(name).healthPort}`,
    startReplica,
    redisPid: () => redis.child.pid,
    async killRedis(signal = 'SIGKILL') {
      process.kill(redis.child.pid, signal);
      await redis.child.ended;
    },
    async restartRedis({ isEmpty = false } = {}) {
      if (isEmpty) rmSync(redisFolder, { recursive: true, force: true });
      redis = await startOwnRedis();
    },
    refusals,
    logs: () =>
      readdirSync(join(folder, 'logs'))
        .map((file) => readFileSync(join(folder, 'logs', file), 'utf8'))
        .join('\n'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The commands in Redis's ACL log, which drops entries beyond its length; a working platform never comes near that
 * length.
 */
async function listRefusals(url: string): Promise<string[]> {
  const redis = new Redis(url, { disconnectTimeout: 100 });
  const entries = (await redis.call('ACL', 'LOG')) as unknown[];
  redis.disconnect();
  return entries.map((entry) => JSON.stringify(entry));
}

/** A document that the deployed document refers to. */
export type DeployedReference = { name: string; content: string; location: string };

type ServerSettings = {
  /** The pool of data planes; by default, the default pool. */
  pool?: string;
  mode?: 'SMART' | 'NORMAL';
  sourceServers?: Record<string, string>;
  config?: { allowedHosts: string[] };
};

export type DeployedServer = { id: string; slug: string; url: string };

/**
 * Does what a user does: creates a server, which lists its own tools unless `mode` says otherwise, seals its secrets,
 * deploys a document, and waits until the edge serves it.
 */
export async function deployServer(
  platform: TestPlatform,
  name: string,
  definition: string,
  secrets: Record<string, { value: string; hosts: string[] }> = {},
  { references = [], mode = 'NORMAL', ...settings }: ServerSettings & { references?: DeployedReference[] } = {},
): Promise<DeployedServer> {
  const request = { name, mode, ...settings };
  const server = required(await platform.rest.call<DeployedServer>('POST', '/mcp-servers', request));
  for (const [secretName, secret] of Object.entries(secrets)) {
    await putSecret(platform, server.id, secretName, secret);
  }
  await platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition, references });
  await until(async () => (await listToolNames(platform, server.id)).length > 0);
  return server;
}

/** Stores a secret as people do: it is sealed before it is sent. */
export async function putSecret(
  platform: TestPlatform,
  serverId: string,
  name: string,
  secret: { value: string; hosts: string[] },
): Promise<void> {
  const sealed = await sealFor(platform.rest, { server: serverId, secret: name }, secret);
  await platform.rest.call('PUT', `/mcp-servers/${serverId}/secrets/${name}`, { sealed });
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the control plane returned no value');
  return value;
}
