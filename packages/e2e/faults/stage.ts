/*
 * The platform of a campaign, as real processes: two edges, two data planes, a control plane, a Redis that keeps its
 * data and a PostgreSQL. Each service reaches Redis, and the data planes the upstream, through a link that can be
 * disturbed; each edge, each data plane and Redis has a clock that can be set. Everything that is done to a process is
 * recorded.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createMigratedDatabase } from '@toolplane/local/migrated-database';
import { startPostgres } from '@toolplane/local/postgres';
import { findRedisServer } from '@toolplane/local/redis';
import { projectFolder } from '@toolplane/local/services';
import { Redis } from 'ioredis';
import { type DeployedServer, deployServer, putSecret, startPlatform, type TestPlatform } from '../src/platform.ts';
import { findClocks, type ProcessClock } from './clock.ts';
import type { ProcessEvent } from './journal.ts';
import { RUNNING_SECONDS_MAX } from './load.ts';
import { monotonicMs } from './monotonic.ts';
import { type Recorder, startRecorder } from './recorder-process.ts';
import { createLink, type TcpLink } from './tcp-link.ts';
import { SECRET_NAME, writeDocument } from './tools.ts';

/** One process. `stop` and `kill` end it; `start` starts it again and resolves when it is ready. */
export type ManagedProcess = {
  name: string;
  pid(): number;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** A URL that answers 200 when the process is ready; only services have one. */
  readyUrl?: string;
  /** The link to Redis. */
  link?: TcpLink;
  clock?: ProcessClock;
};

export type Stage = AsyncDisposable & {
  platform: TestPlatform;
  recorder: Recorder;
  server: DeployedServer;
  edges: readonly (ManagedProcess & { url: string })[];
  dataPlanes: readonly ManagedProcess[];
  controlPlane: ManagedProcess;
  redis: ManagedProcess & { /** Starts Redis without its data. */ startEmpty(): Promise<void> };
  postgres: ManagedProcess;
  /** All processes above. */
  actors: readonly ManagedProcess[];
  /** The link from the data planes to the upstream. */
  upstreamLink: TcpLink;
  /** Why clocks cannot be set, if they cannot. */
  clockProblem?: string;
  processEvents: readonly ProcessEvent[];
  /** Runs commands as the administrator, bypassing all links. Rejects while Redis is down. */
  askRedis<T>(ask: (redis: Redis) => Promise<T>): Promise<T>;
  setSecret(value: string): Promise<void>;
  deploy(revision: number): Promise<void>;
  /** Settings of the edges, the data planes and the control plane that are started from now on. */
  environment: Record<string, string>;
  /** The call keys that the platform was started with. */
  callKeys: string;
  /** The secret store settings of the data planes, for programs that work on their store. */
  secretStoreSettings: Record<string, string>;
};

/**
 * Each data plane alone has capacity for all calls, including retries after a fault: otherwise a fault would leave a
 * queue that grows by its own retries, and from then on only the number of slots would be measured.
 */
const SECONDS_OF_A_CALL_MAX = 1;
/** Longer than any service may take to finish its work. */
const STOP_MS_MAX = 30_000;
/** The highest value that a data plane accepts for this setting. */
const REQUESTS_PER_ORIGIN_LIMIT = 256;

/** A limit that the load alone never reaches, so that a refusal as busy means that leases were not released. */
const inFlightMax = (rate: number) => Math.max(100, 2 * RUNNING_SECONDS_MAX * rate);

export async function createStage(rate: number): Promise<Stage> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-faults-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const events: ProcessEvent[] = [];
  let clockProblem: string | undefined;
  const clocks = await findClocks(folder).catch((error: Error) => {
    clockProblem = error.message;
  });
  const pids = new Set<number>();
  resources.defer(() => {
    for (const pid of pids) clocks?.forget(pid);
  });
  const database = { folder: join(folder, 'postgres'), logFile: join(folder, 'postgres.log') };
  let postgres = await startPostgres(database);
  resources.defer(() => postgres.child.stop());
  const postgresPort = Number(new URL(postgres.superuserUrl).port);
  const migrated = await createMigratedDatabase(postgres.superuserUrl);
  process.env['DATABASE_URL'] = postgres.superuserUrl;
  process.env['MIGRATED_DATABASE_URL'] = migrated.url;
  process.env['REDIS_SERVER_BIN'] = await findRedisServer(join(projectFolder, '.cache'));

  const recorder = resources.use(await startRecorder(join(folder, 'requests.jsonl')));
  const upstreamLink = resources.use(await createLink(recorder.port));
  const upstreamUrls = {
    linked: `http://127.0.0.1:${upstreamLink.port}`,
    direct: `http://127.0.0.1:${recorder.port}`,
  };
  const links = new Map<string, TcpLink>();
  const clockOf = new Map<string, ProcessClock>();
  const redisClock = clocks?.create('Redis');
  const callsAtOnce = Math.ceil(rate * SECONDS_OF_A_CALL_MAX);
  const environment: Record<string, string> = {
    TENANT_IN_FLIGHT_MAX: String(inFlightMax(rate)),
    TOTAL_IN_FLIGHT_MAX: String(inFlightMax(rate)),
    REQUESTS_PER_CALLER_PER_SECOND: '10000',
    CONCURRENCY: String(callsAtOnce),
    EGRESS_REQUESTS_PER_ORIGIN: String(Math.min(callsAtOnce, REQUESTS_PER_ORIGIN_LIMIT)),
    // As in production, calls end before their edge does.
    DRAIN_MS: '15000',
  };
  let dataPlaneSettings: Record<string, string | undefined> = {};
  const platform = resources.use(
    await startPlatform(
      async (_ports, { name, env }) => {
        if (name === 'data-plane') dataPlaneSettings = env;
        const redisUrl = new URL(env['REDIS_URL'] ?? '');
        const link = links.get(name) ?? resources.use(await createLink());
        links.set(name, link);
        link.target = Number(redisUrl.port);
        redisUrl.port = String(link.port);
        const isClocked = clocks !== undefined && name !== 'control-plane';
        const clock = isClocked ? (clockOf.get(name) ?? clocks.create(name)) : undefined;
        if (clock !== undefined) clockOf.set(name, clock);
        return { ...environment, REDIS_URL: redisUrl.href, ...clock?.env };
      },
      { keepsRedisData: true, ...(redisClock === undefined ? {} : { redisEnvironment: redisClock.env }) },
    ),
  );
  const secondEdge = await platform.startReplica('edge');
  const secondDataPlane = await platform.startReplica('data-plane');

  const frozen = new Map<string, { pid: number; from: number }>();
  const down = new Map<string, Pick<ProcessEvent, 'what' | 'from'>>();
  // A frozen process does not react to signals, so it is resumed before it is asked to stop.
  resources.defer(async () => {
    for (const { pid } of frozen.values()) resume(pid);
  });

  type Ended = { pid(): number; kill(signal: NodeJS.Signals): Promise<void>; start(): Promise<void> };
  function actor(name: string, { pid, kill, start }: Ended): ManagedProcess {
    const end = async (what: 'killed' | 'stopped', signal: NodeJS.Signals) => {
      const from = monotonicMs();
      down.set(name, { what, from });
      const timeout = new AbortController();
      const hung = delay(STOP_MS_MAX, 'hung', { signal: timeout.signal }).catch(() => 'ended');
      const ended = kill(signal).then(() => timeout.abort());
      if ((await Promise.race([ended, hung])) !== 'hung') return;
      process.kill(pid(), 'SIGKILL');
      await ended;
      events.push({ process: name, what: 'hung', from, to: monotonicMs() });
    };
    pids.add(pid());
    return {
      name,
      pid,
      freeze() {
        frozen.set(name, { pid: pid(), from: monotonicMs() });
        process.kill(pid(), 'SIGSTOP');
      },
      thaw() {
        const since = frozen.get(name);
        if (since === undefined) return;
        frozen.delete(name);
        resume(since.pid);
        events.push({ process: name, what: 'frozen', from: since.from, to: monotonicMs() });
      },
      kill: () => end('killed', 'SIGKILL'),
      stop: () => end('stopped', 'SIGTERM'),
      async start() {
        await start();
        const since = down.get(name);
        down.delete(name);
        pids.add(pid());
        if (since !== undefined) events.push({ process: name, ...since, to: monotonicMs() });
      },
    };
  }

  function service(name: string, processName: string, running: Ended, healthUrl: string): ManagedProcess {
    const link = links.get(processName);
    const clock = clockOf.get(processName);
    return {
      ...actor(name, running),
      readyUrl: `${healthUrl}/readyz`,
      ...(link === undefined ? {} : { link }),
      ...(clock === undefined ? {} : { clock }),
    };
  }

  const first = (name: 'edge' | 'data-plane' | 'control-plane', as: string) =>
    service(as, name, platform.service(name), platform.healthUrl(name));
  const edges = [
    { ...first('edge', 'edge 1'), url: platform.mcp },
    { ...service('edge 2', secondEdge.name, secondEdge, secondEdge.healthUrl), url: secondEdge.url },
  ];
  const dataPlanes = [
    first('data-plane', 'data plane 1'),
    service('data plane 2', secondDataPlane.name, secondDataPlane, secondDataPlane.healthUrl),
  ];
  const controlPlane = first('control-plane', 'control plane');
  const killRedis = async (signal: NodeJS.Signals) => platform.killRedis(signal);
  const redis = {
    ...actor('Redis', { pid: platform.redisPid, kill: killRedis, start: () => platform.restartRedis() }),
    ...(redisClock === undefined ? {} : { clock: redisClock }),
    async startEmpty() {
      const from = monotonicMs();
      await platform.restartRedis({ isEmpty: true });
      pids.add(platform.redisPid());
      const { what, from: since } = down.get('Redis') ?? { what: 'killed' as const, from };
      down.delete('Redis');
      const to = monotonicMs();
      events.push({ process: 'Redis', what, from: since, to }, { process: 'Redis', what: 'emptied', from: since, to });
    },
  };
  const postgresActor = actor('PostgreSQL', {
    pid: () => postgres.child.pid,
    async kill(signal) {
      process.kill(postgres.child.pid, signal === 'SIGTERM' ? 'SIGINT' : signal);
      await postgres.child.ended;
    },
    async start() {
      postgres = await startPostgres({ ...database, port: postgresPort });
    },
  });

  const hosts = Object.values(upstreamUrls).map((url) => new URL(url).host);
  const secrets = { [SECRET_NAME]: { value: 'the first value of the secret', hosts } };
  const server = await deployServer(platform, 'faults', writeDocument(upstreamUrls, 0), secrets);

  const owned = resources.move();
  return {
    platform,
    recorder,
    server,
    edges,
    dataPlanes,
    controlPlane,
    redis,
    postgres: postgresActor,
    actors: [...edges, ...dataPlanes, controlPlane, redis, postgresActor],
    upstreamLink,
    ...(clockProblem === undefined ? {} : { clockProblem }),
    processEvents: events,
    environment,
    callKeys: dataPlaneSettings['CALL_KEYS'] ?? '',
    secretStoreSettings: Object.fromEntries(
      ['SECRETS_STORE', 'SECRETS_DIR', 'SECRETS_KEYS'].map((name) => [name, dataPlaneSettings[name] ?? '']),
    ),
    async askRedis(ask) {
      const client = new Redis(platform.redisUrl, { retryStrategy: null, maxRetriesPerRequest: 0 });
      client.on('error', () => undefined);
      try {
        return await ask(client);
      } finally {
        client.disconnect();
      }
    },
    setSecret: (value) => putSecret(platform, server.id, SECRET_NAME, { value, hosts }),
    async deploy(revision) {
      const definition = writeDocument(upstreamUrls, revision);
      await platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Resumes a process, which may have ended in the meantime. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
