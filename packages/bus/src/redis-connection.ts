import { type Command, Redis, type RedisOptions } from 'ioredis';

/** The connections that are open, by their names, for metrics. */
const open = new Map<Redis, string>();
const reconnectsByName = new Map<string, number>();

/** One line per name; `isReady` when all that share it are. */
export function redisConnections(): { name: string; isReady: boolean; reconnects: number }[] {
  const ready = new Map<string, boolean>();
  for (const [redis, name] of open) ready.set(name, redis.status === 'ready' && ready.get(name) !== false);
  return Array.from(ready, ([name, isReady]) => ({ name, isReady, reconnects: reconnectsByName.get(name) ?? 0 }));
}

/** A link that died without a word is noticed after this long, because a command then waits for its answer. */
const SILENCE_MS_MAX = 10_000;

/**
 * How long a connection is kept to a server that takes no writes before it is looked whether the name has another now.
 */
const REPLICA_MS = 1000;

/**
 * How long a command of a side whose asker waits may take; and how long once one has taken that long, until Redis says
 * anything again. A call asks over several connections, one after the other: on a link that has gone silent it is
 * refused in little more than the time of the first.
 */
const ANSWER_MS_MAX = 2000;
const ANSWER_MS_MAX_IN_SILENCE = 150;

/** These are all connections of this process, which lead to one Redis. */
const failingFast = new Set<FailingFast>();
let isSilent = false;

function noteSilence(isNow: boolean): void {
  if (isSilent === isNow) return;
  isSilent = isNow;
  for (const { options } of failingFast) options.commandTimeout = answerMsMax();
}

const answerMsMax = () => (isSilent ? ANSWER_MS_MAX_IN_SILENCE : ANSWER_MS_MAX);
const hearSomething = () => noteSilence(false);

class FailingFast extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    command.promise.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Command timed out') noteSilence(true);
    });
    return super.sendCommand(command, stream);
  }
}

/** Without the option that changes the types of the answers. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

const everyConnection: ConnectionOptions = {
  connectTimeout: 2000,
  disconnectTimeout: 500,
  keepAlive: 5000,
  socketTimeout: SILENCE_MS_MAX,
  autoResubscribe: false,
  // While Redis loads its data, it is asked this often whether it has, and not after the time that it estimates.
  maxLoadingRetryTime: 250,
  // Redis 7.0 does not know what it would be told, and an ACL that allows telling it could not be loaded there.
  disableClientInfo: true,
};

/** Redis is tried at least twice a second. */
const retryStrategy = (attempt: number) => Math.min(50 * attempt, 500);

/** For a side whose asker can get an error: what Redis does not answer at once fails at once. */
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
  redis.on('connect', () => redis.stream.prependListener('data', hearSomething));
  redis.on('end', () => failingFast.delete(redis));
  return redis;
}

/** For a side without an asker: commands wait until Redis is back. */
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

/** Resolves with `ready` or the first failure to connect, so that a service starts although Redis is down. */
export function firstAttempt(redis: Redis, ready: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    redis.once('close', () => resolve());
    void ready.then(() => resolve());
  });
}

/** Subscribes on each new connection; `onSubscribed` runs when from then on no message is missed. */
export function subscribeAlways(redis: Redis, channel: string, onSubscribed: () => void = () => {}): void {
  redis.on('ready', async () => {
    try {
      await redis.subscribe(channel);
      onSubscribed();
    } catch {
      // Without a subscription the connection is of no use; the next one tries again.
      if (redis.status === 'ready') redis.disconnect(true);
    }
  });
}

/**
 * A server that has become a replica may keep its connections and refuse every write on them for ever, while its name
 * leads to the one that took over. A refused command had no effect, and its caller gets the error.
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
