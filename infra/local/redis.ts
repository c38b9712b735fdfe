import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import {
  describeRedisUsers,
  type PoolUser,
  poolUser,
  type RedisUser,
  redisUserName,
  redisUsers,
} from '@toolplane/bus/redis-users';
import { getFreePort } from '@toolplane/loopback/ports';
import { Redis } from 'ioredis';
import { type Child, startChild, waitUntilReady } from './child.ts';
import { unpackDebianProgram } from './debian-package.ts';
import { LocalError } from './local-error.ts';
import { findOnPath } from './on-path.ts';

export type RedisPasswords = Record<RedisUser, string>;
/** The URL for each user. */
export type RedisUrls = Record<RedisUser, string>;
export type RunningRedis = {
  urls: RedisUrls;
  /** The URL for the data planes of each pool. */
  poolUrls: ReadonlyMap<string, string>;
  child: Child;
};

/**
 * Starts Redis on 127.0.0.1 with the users of a deployment. Without a data folder it loses its data when it ends; with
 * one, data that clients were promised for longer than a call (tasks, idempotency keys, ended sessions) survives a
 * restart.
 */
export async function startRedis(options: {
  binary: string;
  logFile: string;
  dataFolder?: string;
  port?: number;
  passwords?: RedisPasswords;
  /** The passwords of the users of pools, by pool name. */
  poolPasswords?: ReadonlyMap<string, string>;
  env?: Record<string, string>;
}): Promise<RunningRedis> {
  if (options.dataFolder !== undefined) mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const port = options.port ?? (await getFreePort());
  const passwords = options.passwords ?? createRedisPasswords();
  const { poolPasswords = new Map<string, string>() } = options;
  const passwordOf = new Map<string, string>([
    ...Object.entries(passwords),
    ...[...poolPasswords].map(([pool, password]) => [poolUser(pool), password] as const),
  ]);
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    ...describeRedisUsers((user) => `>${passwordOf.get(user)}`, [...poolPasswords.keys()]),
    'save ""',
    ...(options.dataFolder === undefined ? ['appendonly no'] : ['appendonly yes', `dir "${options.dataFolder}"`]),
    // BullMQ's guarantees do not survive eviction.
    'maxmemory-policy noeviction',
  ];
  const child = await startChild({
    name: 'Redis',
    command: options.binary,
    args: ['-'],
    env: { PATH: process.env['PATH'], ...options.env },
    input: `${settings.join('\n')}\n`,
    logFile: options.logFile,
  });
  const urlOf = (user: RedisUser | PoolUser) =>
    `redis://${redisUserName(user)}:${passwordOf.get(user)}@127.0.0.1:${port}`;
  const urls = forEachUser(urlOf);
  const poolUrls = new Map([...poolPasswords.keys()].map((pool) => [pool, urlOf(poolUser(pool))]));
  try {
    await waitUntilReady(child, () => answersPing(urls.admin));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { urls, poolUrls, child };
}

export function createRedisPasswords(): RedisPasswords {
  return forEachUser(() => randomBytes(24).toString('base64url'));
}

/** The URLs for a Redis that was not started here: the same one for all users. */
export function sameRedisUrl(url: string): RedisUrls {
  return forEachUser(() => url);
}

function forEachUser(toValue: (user: RedisUser) => string): Record<RedisUser, string> {
  return Object.fromEntries(redisUsers.map((user) => [user, toValue(user)])) as Record<RedisUser, string>;
}

/** The package redis-tools contains the program, and redis-server the name that it is usually started by. */
const DEBIAN = { name: 'redis-server', packages: ['redis-server', 'redis-tools'], needsLibraries: true };

/** Returns the path of the Redis server on PATH, otherwise of Debian's, unpacked into the project's cache. */
export async function findRedisServer(cacheFolder: string): Promise<string> {
  const binary =
    findOnPath('redis-server') ?? findOnPath('valkey-server') ?? (await unpackDebianProgram(cacheFolder, DEBIAN));
  if (binary !== undefined) return binary;
  throw new LocalError(
    'Redis is missing: `brew install redis`, or `docker run -d -p 6379:6379 redis:8` and REDIS_URL=redis://127.0.0.1:6379',
  );
}

export async function answersPing(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 3_000 });
  // Without a listener, ioredis prints the errors that it also throws.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    // disconnect() has a timer that would keep the process alive for two more seconds.
    await redis.quit();
    return true;
  } catch {
    return false;
  }
}
