/*
 * The users of the Redis ACL, as lines of an ACL file or of `redis.conf`. Commands are allowed one by one: what is not
 * named here, such as KEYS, SCAN, CONFIG, FLUSHALL and MONITOR, is refused. Scripts get no further than their user,
 * because Redis checks each command of a script as if it came by itself.
 */
import { ANY_POOL } from './pools.ts';
import { channelRightsIn, keyRightsIn, type Service } from './redis-rights.ts';

/** For people: may do anything. No service uses it. */
export type RedisUser = Service | 'admin';
/** The data planes of one pool. They see nothing that is of the data planes of another. */
export type PoolUser = `data-plane-${string}`;

export const redisUsers: readonly RedisUser[] = ['edge', 'data-plane', 'control-plane', 'admin'];

export const poolUser = (pool: string): PoolUser => `data-plane-${pool}`;

export const redisUserName = (user: RedisUser | PoolUser) => `toolplane-${user}`;

/** Every connection: its name, the run of the server (`INFO server`), scripts. */
const CONNECTION = 'client|setname eval evalsha info ping select subscribe unsubscribe';

/** BullMQ's scripts for adding and removing a job, and the settings that a queue writes. */
const QUEUE_CALLER =
  'del exists get hget hgetall hmget hmset hset incr llen lpos lpush lrange lrem persist pttl rpush sadd scard set ' +
  'smembers srem xadd zadd zrange zrem zrevrangebyscore zscore';
/** Leases, the fence, the copy of a reply. */
const CALLER = `${QUEUE_CALLER} mget pexpire time zcard zremrangebyscore`;

/** BullMQ's scripts for fetching, keeping and ending a job, and for finding those of lost workers. */
const QUEUE_WORKER =
  'bzpopmin del exists get hdel hexists hget hgetall hincrby hmget hmset hset incr llen lpush lrange lrem ltrim pexpire ' +
  'pttl rpoplpush rpush sadd scard set smembers srem xadd xtrim zadd zcard zpopmin zrange zrangebyscore zrem ' +
  'zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zscore';
/** What was published, rate limits, debug sessions. */
const WORKER = `${QUEUE_WORKER} lindex lpop lset mget rpop time xdel xrange xrevrange`;

const commands: Record<Service, string> = {
  /** In addition to calls: sessions, streams, records, users that were seen, limits of policies, the call log. */
  edge: `${CONNECTION} ${CALLER} hdel hincrby hlen hstrlen lindex lpop lset rpop xdel xlen xrange`,
  'data-plane': `${CONNECTION} ${WORKER}`,
  /** In addition to commands: publishing, what the others note, debug sessions. */
  'control-plane': `${CONNECTION} ${CALLER} hdel hincrby hscan mset pexpireat xdel xrange`,
};

/**
 * Nobody can be this user: it is off and has no password. It has all rights because Redis loads its append-only file in
 * its name, and would leave out what a script or a transaction had written.
 */
const DEFAULT_USER = 'user default off resetpass ~* &* +@all';

/**
 * `passwordOf` gives the password as the ACL has it: `#` and its SHA-256 in hex, or `>` and the password itself. Edge and
 * control plane speak with every pool, also with one that comes later; the data planes of each pool have their own
 * user.
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

/** In these pools; undefined is the default pool. */
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
    // A separate selector, so that the right to hear a channel does not include the right to publish there.
    `(resetchannels +publish ${channelsOf('publishes').join(' ')})`,
  ];
}
