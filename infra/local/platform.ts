import { join } from 'node:path';
import pg from 'pg';
import { type Child, type Readiness, startChild, waitUntilReady } from './child.ts';
import type { Home } from './home.ts';
import { keepRunning } from './keep-running.ts';
import { LocalError } from './local-error.ts';
import { startPostgres } from './postgres.ts';
import type { StartProgress } from './progress.ts';
import { answersPing, findRedisServer, type RedisUrls, sameRedisUrl, startRedis } from './redis.ts';
import { type Built, describeServices, projectFolder, type ServiceSettings } from './services.ts';

/** All processes of local mode, with one owner: they are stopped in the reverse order of their start. */
export type Platform = {
  /** Files that are not `built` are not served. */
  start(building: Promise<Built | undefined>): Promise<void>;
  /** Restarts processes that end. Rejects when a process ends too often. */
  watch(): Promise<never>;
  stop(): Promise<void>;
};

export function createPlatform(home: Home, { phase, say }: Pick<StartProgress, 'phase' | 'say'>): Platform {
  /** The processes by name, in the order in which they were first started. */
  const children = new Map<string, Child>();
  const keepers: (() => Promise<never>)[] = [];
  let isStopping = false;

  async function own<Started extends { child: Child }>(started: Started): Promise<Started> {
    const { child } = started;
    children.set(child.name, child);
    home.recordProcess(child.pid);
    // `stop` was called while this process was starting.
    if (isStopping) await child.stop();
    return started;
  }

  async function keep<Started extends { child: Child }>(start: () => Promise<Started>): Promise<Started> {
    const started = await start();
    const startAgain = async () => (await start()).child;
    keepers.push(() => keepRunning(started.child, { start: startAgain, say, isStopping: () => isStopping }));
    return started;
  }

  async function startDatabase(): Promise<string> {
    const given = process.env['DATABASE_URL'];
    if (given) return checkDatabase(given);
    const logFile = join(home.folder, 'logs', 'postgres.log');
    const options = { folder: join(home.folder, 'postgres'), logFile, port: home.ports.postgres };
    return (await keep(async () => own(await startPostgres(options)))).url;
  }

  async function startQueue(): Promise<RedisUrls> {
    const given = process.env['REDIS_URL'];
    if (given) return checkRedis(given);
    const binary = await findRedisServer(join(projectFolder, '.cache'));
    const logFile = join(home.folder, 'logs', 'redis.log');
    const dataFolder = join(home.folder, 'redis');
    const passwords = home.keys.redisPasswords;
    const options = { binary, logFile, dataFolder, port: home.ports.redis, passwords };
    return (await keep(async () => own(await startRedis(options)))).urls;
  }

  async function startService(settings: ServiceSettings): Promise<{ child: Child }> {
    const started = await own({ child: await startChild(settings) });
    const { healthPort } = settings;
    try {
      if (healthPort !== undefined) {
        await waitUntilReady(started.child, () => readReadiness(healthPort), { onWait: say });
      }
    } catch (error) {
      await started.child.stop();
      throw error;
    }
    return started;
  }

  return {
    async start(building) {
      const [databaseUrl, redisUrls, built] = await Promise.all([
        phase('PostgreSQL', startDatabase),
        phase('Redis', startQueue),
        building,
      ]);
      if (isStopping) throw new LocalError('stopped while starting');
      const services = describeServices(home, databaseUrl, redisUrls, built);
      await phase('services', async () => {
        await Promise.all(services.map((settings) => keep(() => startService(settings))));
      });
    },
    watch: () => Promise.race(keepers.map((watch) => watch())),
    async stop() {
      isStopping = true;
      for (const child of [...children.values()].toReversed()) await child.stop();
    },
  };
}

async function readReadiness(healthPort: number): Promise<Readiness> {
  try {
    const url = `http://127.0.0.1:${healthPort}/readyz`;
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return response.ok || (await response.text()).trim().replaceAll('\n', ', ');
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
