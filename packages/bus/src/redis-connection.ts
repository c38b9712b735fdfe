import { type Command, Redis, type RedisOptions } from 'ioredis';

/** The open connections and their names, for metrics. */
const open = new Map<Redis, string>();
const reconnectsByName = new Map<string, number>();

/** One entry per name; `isReady` if all connections with this name are ready. */
export function redisConnections(): { name: string; isReady: boolean; reconnects: number }[] {
  const ready = new Map<string, boolean>();
  for (const [redis, name] of open) ready.set(name, redis.status === 'ready' && ready.get(name) !== false);
  return Array.from(ready, ([name, isReady]) => ({ name, isReady, reconnects: reconnectsByName.get(name) ?? 0 }));
}

/** A connection that died silently is detected after this time, because a command then waits for its answer. */
const SILENCE_MS_MAX = 10_000;

/**
 * How long a connection to a server that accepts no writes is kept before the process checks whether the name leads to
 * another server.
 */
const REPLICA_MS = 1000;

/**
 * The timeout of a command that somebody waits for; and the timeout once a command has taken that long, until Redis
 * sends anything again. A call uses several connections, one after the other: on a link that has gone silent, it is
 * refused in little more than the timeout of the first command.
 */
const ANSWER_MS_MAX = 2000;
const ANSWER_MS_MAX_IN_SILENCE = 150;

/** All failing-fast connections of this process, which lead to one Redis. */
const failingFast = new Set<FailingFast>();
let isSilent = false;

function noteSilence(isNow: boolean): void {
  if (isSilent === isNow) return;
  isSilent = isNow;
  for (const { options } of failingFast) options.commandTimeout = answerMsMax();
}

const answerMsMax = () => (isSilent ? ANSWER_MS_MAX_IN_SILENCE : ANSWER_MS_MAX);
const onData = () => noteSilence(false);

class FailingFast extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    command.promise.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Command timed out') noteSilence(true);
    });
    return super.sendCommand(command, stream);
  }
}

/** The options without the one that changes the types of the answers. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

const everyConnection: ConnectionOptions = {
  connectTimeout: 2000,
  disconnectTimeout: 500,
  keepAlive: 5000,
  socketTimeout: SILENCE_MS_MAX,
  autoResubscribe: false,
  // While Redis loads its data, it is polled at this interval, and not only after the time that it estimates.
  maxLoadingRetryTime: 250,
  // Redis 7.0 does not know the command that sends client information, and could not load an ACL that allows it.
  disableClientInfo: true,
};

/** Connecting to Redis is attempted at least twice a second. */
const retryStrategy = (attempt: number) => Math.min(50 * attempt, 500);

/** For commands whose requester can receive an error: what Redis does not answer at once fails at once. */
export function connectFailingFast(url: string, name: string): Redis {
  const options: ConnectionOptions = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    commandTimeout: answerMsMax(),
    retryStrategy,
  };
  const redis = connect(url, name, options, FailingFast);
  failingFast.add(redis);
  redis.on('connect', () => redis.stream.prependListener('data', onData));
  redis.on('end', () => failingFast.delete(redis));
  return redis;
}

/** For commands that nobody waits for: they wait until Redis is back. */
export function connectWaiting(url: string, name: string): Redis {
  return connect(
    url,
    name,
    {
      maxRetriesPerRequest: null,
      retryStrategy,
    },
    Redis,
  );
}

/** Resolves with `ready` or the first failure to connect, so that a service starts even if Redis is down. */
export function firstAttempt(redis: Redis, ready: Promise<unknown> = whenReady(redis)): Promise<void> {
  return new Promise((resolve) => {
    redis.once('close', () => resolve());
    void ready.then(() => resolve());
  });
}

/** Resolves at once if the connection is already ready: then it does not emit `ready` again. */
export function whenReady(redis: Redis): Promise<void> {
  return redis.status === 'ready' ? Promise.resolve() : new Promise((resolve) => redis.once('ready', () => resolve()));
}

/** Subscribes on each new connection. `onSubscribed` runs once no further message can be missed. */
export function subscribeAlways(redis: Redis, channel: string, onSubscribed: () => void = () => {}): void {
  redis.on('ready', async () => {
    try {
      await redis.subscribe(channel);
      onSubscribed();
    } catch {
      // Without a subscription, the connection is useless; the next one tries again.
      if (redis.status === 'ready') redis.disconnect(true);
    }
  });
}

/**
 * A server that has become a replica may keep its connections and refuse every write on them forever, while its name
 * leads to the server that took over. A refused command had no effect, and its caller gets the error.
 */
function leaveReplicas(): (error: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    if (!/\bREADONLY\b/.test(message) || performance.now() - leftAt < REPLICA_MS) return false;
    leftAt = performance.now();
    return true;
  };
}

function connect<Connection extends Redis>(
  url: string,
  name: string,
  options: ConnectionOptions,
  Kind: new (url: string, options: RedisOptions) => Connection,
): Connection {
  const redis = new Kind(url, {
    ...everyConnection,
    ...options,
    connectionName: `toolplane:${name}`,
    reconnectOnError: leaveReplicas(),
  });
  // The state is observed by `ready` and `close`; without a listener, the error would end the process.
  redis.on('error', () => {});
  open.set(redis, name);
  redis.on('reconnecting', () => reconnectsByName.set(name, (reconnectsByName.get(name) ?? 0) + 1));
  redis.on('end', () => open.delete(redis));
  return redis;
}
