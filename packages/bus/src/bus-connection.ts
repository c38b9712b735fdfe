/*
 * The connections of a process to Redis. Each is opened when its first user asks for it, and shared by everything that
 * does not get in each other's way: Redis answers the commands of one connection in order, so a short command would
 * wait for the transfer of a large answer, for a long script, and forever for a command that blocks.
 */
import { type Command, Redis, type RedisOptions } from 'ioredis';
import { type ChannelListeners, createChannelListeners } from './channel-listeners.ts';

export type BusConnection = AsyncDisposable & {
  /** For short commands with short answers, which calls wait for. What Redis does not answer at once fails at once. */
  readonly commands: Redis;
  /**
   * For what may be large or is only reported: documents, records, streams, notes. What Redis does not answer at once
   * fails at once.
   */
  readonly documents: Redis;
  /** For all channels, except those on which replies arrive. */
  readonly messages: ChannelListeners;
  /**
   * For the caller of a queue: its calls, whose epoch is that of their own connection, and their replies, which may be
   * large. The caller disconnects both when it is closed.
   */
  forCaller(queue: string): { redis: Redis; replies: ChannelListeners };
  /**
   * For the worker of a queue. Its commands wait until Redis is back. For the command that blocks, BullMQ opens a
   * second connection of its own. The worker disconnects it when it is closed.
   */
  forWorker(queue: string): Redis;
  /** The open connections, for metrics. */
  states(): { name: string; isReady: boolean; reconnects: number }[];
  /** Disposing runs these, the last one first, and then closes the connections. */
  onClose(end: () => Promise<void>): void;
};

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
  // Connecting to Redis is attempted at least twice a second.
  retryStrategy: (attempt) => Math.min(50 * attempt, 500),
};

class FailingFast extends Redis {
  onTimeout = () => {};

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    command.promise.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Command timed out') this.onTimeout();
    });
    return super.sendCommand(command, stream);
  }
}

/** Connects to nothing yet. */
export function connectBus({ redisUrl }: { redisUrl: string }): BusConnection {
  const opened = new Map<string, { redis: Redis; reconnects: number }>();
  const subscribed = new Map<Redis, ChannelListeners>();
  const failingFast = new Set<FailingFast>();
  let isSilent = false;
  const closing = new AsyncDisposableStack();
  closing.defer(async () => {
    for (const { redis } of opened.values()) redis.disconnect();
    opened.clear();
  });

  const answerMsMax = () => (isSilent ? ANSWER_MS_MAX_IN_SILENCE : ANSWER_MS_MAX);

  function noteSilence(isNow: boolean): void {
    if (isSilent === isNow) return;
    isSilent = isNow;
    for (const { options } of failingFast) options.commandTimeout = answerMsMax();
  }

  const onData = () => noteSilence(false);

  function open(name: string, connect: (options: ConnectionOptions) => Redis): Redis {
    const known = opened.get(name);
    if (known !== undefined) return known.redis;
    const redis = connect({
      ...everyConnection,
      connectionName: `toolplane:${name}`,
      reconnectOnError: leaveReplicas(),
    });
    const connection = { redis, reconnects: 0 };
    opened.set(name, connection);
    // The state is observed by `ready` and `close`; without a listener, the error would end the process.
    redis.on('error', () => {});
    redis.on('reconnecting', () => {
      connection.reconnects += 1;
    });
    redis.on('end', () => opened.delete(name));
    const firstClose = new Promise<void>((resolve) => redis.once('close', () => resolve()));
    attempts.set(redis, { firstReady: whenReady(redis), firstClose });
    return redis;
  }

  function openFailingFast(name: string): Redis {
    return open(name, (options) => {
      const redis = new FailingFast(redisUrl, {
        ...options,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        autoResendUnfulfilledCommands: false,
        commandTimeout: answerMsMax(),
      });
      redis.onTimeout = () => noteSilence(true);
      redis.on('connect', () => redis.stream.prependListener('data', onData));
      redis.on('end', () => failingFast.delete(redis));
      failingFast.add(redis);
      return redis;
    });
  }

  function openWaiting(name: string): Redis {
    return open(name, (options) => new Redis(redisUrl, { ...options, maxRetriesPerRequest: null }));
  }

  function openListeners(name: string): ChannelListeners {
    const redis = openWaiting(name);
    const listeners = subscribed.get(redis) ?? createChannelListeners(redis);
    subscribed.set(redis, listeners);
    return listeners;
  }

  return {
    get commands() {
      return openFailingFast('commands');
    },
    get documents() {
      return openFailingFast('documents');
    },
    get messages() {
      return openListeners('messages');
    },
    forCaller: (queue) => ({
      redis: openFailingFast(`caller:${queue}`),
      replies: openListeners(`replies:${queue}`),
    }),
    forWorker: (queue) => openWaiting(`worker:${queue}`),
    states: () =>
      Array.from(opened, ([name, { redis, reconnects }]) => ({
        name,
        isReady: subscribed.get(redis)?.isReady() ?? redis.status === 'ready',
        reconnects,
      })),
    onClose: (end) => closing.defer(end),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const attempts = new WeakMap<Redis, { firstReady: Promise<void>; firstClose: Promise<void> }>();

/** Resolves with `ready` or the first failure to connect, so that a service starts even if Redis is down. */
export async function firstAttempt(redis: Redis, ready?: Promise<unknown>): Promise<void> {
  const attempt = attempts.get(redis);
  await Promise.race([attempt?.firstClose, ready ?? attempt?.firstReady]);
}

/** Resolves at once if the connection is already ready: then it does not emit `ready` again. */
export function whenReady(redis: Redis): Promise<void> {
  return redis.status === 'ready' ? Promise.resolve() : new Promise((resolve) => redis.once('ready', () => resolve()));
}

/** Runs each time the connection becomes ready, and at once if it is. */
export function onReady(redis: Redis, run: () => void): void {
  redis.on('ready', run);
  if (redis.status === 'ready') run();
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
