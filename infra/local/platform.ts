import { join } from 'node:path';
import pg from 'pg';
import { type Child, childFailed, startChild, waitUntilReady } from './child.ts';
import type { Home } from './home.ts';
import { LocalError } from './local-error.ts';
import { startPostgres } from './postgres.ts';
import { answersPing, findRedisServer, type RedisUrls, sameRedisUrl, startRedis } from './redis.ts';
import { type Built, describeServices, projectFolder, type ServiceSettings } from './services.ts';

/** All the processes of local mode, with one owner: what is started is stopped in reverse order. */
export type Platform = {
  start(building: Promise<Built>): Promise<void>;
  /** Rejects when a process ends that should be running. */
  watch(): Promise<never>;
  stop(): Promise<void>;
};

export function createPlatform(home: Home): Platform {
  const children: Child[] = [];
  let isStopping = false;

  async function own(child: Child): Promise<Child> {
    children.push(child);
    home.recordProcess(child.pid);
    // Stopped while this one was being started.
    if (isStopping) await child.stop();
    return child;
  }

  async function startDatabase(): Promise<string> {
    const given = process.env['DATABASE_URL'];
    if (given) return checkDatabase(given);
    const logFile = join(home.folder, 'logs', 'postgres.log');
    const postgres = await startPostgres({ folder: join(home.folder, 'postgres'), logFile, port: home.ports.postgres });
    await own(postgres.child);
    return postgres.url;
  }

  async function startQueue(): Promise<RedisUrls> {
    const given = process.env['REDIS_URL'];
    if (given) return checkRedis(given);
    const binary = await findRedisServer(join(projectFolder, '.cache'));
    const logFile = join(home.folder, 'logs', 'redis.log');
    const dataFolder = join(home.folder, 'redis');
    const passwords = home.keys.redisPasswords;
    const redis = await startRedis({ binary, logFile, dataFolder, port: home.ports.redis, passwords });
    await own(redis.child);
    return redis.urls;
  }

  async function startService(settings: ServiceSettings): Promise<void> {
    const child = await own(await startChild(settings));
    const { healthPort } = settings;
    if (healthPort !== undefined) await waitUntilReady(child, () => isReady(healthPort));
  }

  return {
    async start(building) {
      const [databaseUrl, redisUrls, built] = await Promise.all([startDatabase(), startQueue(), building]);
      if (isStopping) throw new LocalError('stopped while starting');
      await Promise.all(describeServices(home, databaseUrl, redisUrls, built).map(startService));
    },
    async watch() {
      const ended = await Promise.race(children.map((child) => child.ended.then((how) => ({ child, how }))));
      throw childFailed(ended.child, `has ended (${ended.how})`);
    },
    async stop() {
      isStopping = true;
      for (const child of children.toReversed()) await child.stop();
    },
  };
}

async function isReady(healthPort: number): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${healthPort}/readyz`;
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

async function checkDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    return url;
  } catch (error) {
    throw new LocalError(`DATABASE_URL does not answer: ${(error as Error).message}`);
  } finally {
    await client.end();
  }
}

async function checkRedis(url: string): Promise<RedisUrls> {
  if (await answersPing(url)) return sameRedisUrl(url);
  throw new LocalError('REDIS_URL does not answer, or refuses its password');
}
