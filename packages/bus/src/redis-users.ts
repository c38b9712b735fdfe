/*
 * The users of the Redis ACL, as lines of an ACL file or of `redis.conf`. Commands are allowed one by one: a command
 * that is not named here, such as KEYS, SCAN, CONFIG, FLUSHALL or MONITOR, is refused. A script can do no more than its
 * user, because Redis checks each command of a script as if it had been sent on its own.
 */
import { ANY_POOL } from './keys.ts';
import { channelRightsIn, keyRightsIn, type Service } from './redis-rights.ts';

/** `admin` is for people and may do anything. No service uses it. */
export type RedisUser = Service | 'admin';
/** The user of the data planes of one pool. It cannot access anything of the data planes of another pool. */
export type PoolUser = `data-plane-${string}`;

export const redisUsers: readonly RedisUser[] = ['edge', 'data-plane', 'control-plane', 'admin'];

export const poolUser = (pool: string): PoolUser => `data-plane-${pool}`;

export const redisUserName = (user: RedisUser | PoolUser) => `toolplane-${user}`;

/** Commands of every connection: setting its name, reading the run of the server (`INFO server`), scripts. */
const CONNECTION = 'client|setname eval evalsha info ping select subscribe unsubscribe';

/** Commands in BullMQ's scripts that add and remove jobs, and for the settings that a queue writes. */
const QUEUE_CALLER =
  'del exists get hget hgetall hmget hmset hset incr llen lpos lpush lrange lrem persist pttl rpush sadd scard set ' +
  'smembers srem xadd zadd zrange zrem zrevrangebyscore zscore';
/** Adds the commands for leases, fences and copies of replies. */
const CALLER = `${QUEUE_CALLER} mget pexpire time zcard zremrangebyscore`;

/** Commands in BullMQ's scripts that fetch, keep and end jobs, and that find the jobs of lost workers. */
const QUEUE_WORKER =
  'bzpopmin del exists get hdel hexists hget hgetall hincrby hmget hmset hset incr llen lpush lrange lrem ltrim pexpire ' +
  'pttl rpoplpush rpush sadd scard set smembers srem xadd xtrim zadd zcard zpopmin zrange zrangebyscore zrem ' +
  'zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zscore';
/** Adds the commands for published documents, rate limits and debug sessions. */
const WORKER = `${QUEUE_WORKER} lindex lpop lset mget rpop time xdel xrange xrevrange`;

const commands: Record<Service, string> = {
  /** In addition to calls: sessions, streams, records, seen users, limits of policies, the call log. */
  edge: `${CONNECTION} ${CALLER} hdel hincrby hlen hstrlen lindex lpop lset rpop xdel xlen xrange`,
  'data-plane': `${CONNECTION} ${WORKER}`,
  /** In addition to commands: publishing, notes of the other services, debug sessions. */
  'control-plane': `${CONNECTION} ${CALLER} hdel hincrby hscan mset pexpireat xdel xrange`,
};

/**
 * Nobody can log in as this user: it is off and has no password. It has all rights because Redis loads its append-only
 * file as this user, and would otherwise leave out the writes of scripts and transactions.
 */
const DEFAULT_USER = 'user default off resetpass ~* &* +@all';

/**
 * `passwordOf` returns the password in the notation of the ACL: `#` and its SHA-256 in hex, or `>` and the password
 * itself. Edge and control plane may access every pool, including pools that are added later. The data planes of each
 * pool have their own user.
 */
export function describeRedisUsers(
  passwordOf: (user: RedisUser | PoolUser) => string,
  pools: readonly string[] = [],
): string[] {
  const describe = (user: RedisUser) => {
    if (user === 'admin') return ['~*', '&*', '+@all'];
    return rightsOf(user, user === 'data-plane' ? [undefined] : [undefined, ANY_POOL]);
  };
  const toLine = (user: RedisUser | PoolUser, rights: string[]) =>
    ['user', redisUserName(user), 'on', passwordOf(user), ...rights].join(' ');
  return [
    DEFAULT_USER,
    ...redisUsers.map((user) => toLine(user, describe(user))),
    ...pools.map((pool) => toLine(poolUser(pool), rightsOf('data-plane', [pool]))),
  ];
}

/** `infra/redis/users.acl`, a template: each `${…}` stands for the SHA-256 of a password, in hex. */
export function toUsersFile(pools: readonly string[] = []): string {
  const placeholderOf = (user: string) => `#\${${user.toUpperCase().replaceAll('-', '_')}_PASSWORD_SHA256}`;
  return `${describeRedisUsers(placeholderOf, pools).join('\n')}\n`;
}

/** The rights of a service in these pools; undefined stands for the default pool. */
function rightsOf(service: Service, pools: readonly (string | undefined)[]): string[] {
  const keyPatterns = pools.flatMap(keyRightsIn).flatMap(({ keys, writes, reads }) => {
    const letters = [...(reads.includes(service) ? ['R'] : []), ...(writes.includes(service) ? ['W'] : [])].join('');
    return letters === '' ? [] : [`%${letters}~${keys}`];
  });
  const channelRights = pools.flatMap(channelRightsIn);
  const channelsOf = (right: 'publishes' | 'subscribes') => [
    ...new Set(channelRights.filter((rights) => rights[right].includes(service)).map(({ channel }) => `&${channel}`)),
  ];
  const allowed = [...new Set(commands[service].split(' '))].sort().map((command) => `+${command}`);
  return [
    'resetchannels',
    '-@all',
    ...new Set(keyPatterns),
    ...channelsOf('subscribes'),
    ...allowed,
    // A separate selector, so that the right to subscribe to a channel does not include the right to publish there.
    `(resetchannels +publish ${channelsOf('publishes').join(' ')})`,
  ];
}
