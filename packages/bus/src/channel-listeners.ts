import type { Redis } from 'ioredis';

/** How long to wait for Redis to answer; the subscription is repeated on the next connection. */
const SUBSCRIBE_MS_MAX = 2000;
/** How soon a subscription that Redis refused is attempted again. The other channels are not affected. */
const REFUSED_MS = 500;

export type ChannelListener = {
  onMessage(message: string): void;
  /**
   * Called when no further message can be missed. Earlier ones may have been missed, as whenever the connection was
   * lost.
   */
  onSubscribed?(): void;
};

export type ChannelListeners = {
  /**
   * Resolves when subscribed, or when subscribing has to wait for Redis. The result is a function that stops listening.
   */
  listen(channel: string, listener: ChannelListener): Promise<() => void>;
  /** Unlike `listen`, it does not wait, and also reports the first subscription. */
  subscribe(channel: string, onMessage: ChannelListener['onMessage'], onSubscribed?: () => void): () => void;
  /** Whether messages on all channels arrive. */
  isReady(): boolean;
  /** Resolves after the first subscription. */
  readonly subscribed: Promise<void>;
  readonly redis: Redis;
};

/** Listens to a changing set of channels over one connection. */
export function createChannelListeners(redis: Redis): ChannelListeners {
  const listeners = new Map<string, Set<ChannelListener>>();
  const subscribed = Promise.withResolvers<void>();
  const refused = new Set<string>();
  const isConnected = () => redis.status === 'ready';

  redis.on('message', (channel: string, message: string) => {
    for (const { onMessage } of listeners.get(channel) ?? []) onMessage(message);
  });
  redis.on('ready', async () => {
    refused.clear();
    const { stream } = redis;
    stream.cork();
    const subscribing = Array.from(listeners, async ([channel, those]) => {
      const earlier = [...those];
      if (await subscribeTo(channel)) for (const { onSubscribed } of earlier) onSubscribed?.();
    });
    stream.uncork();
    await Promise.all(subscribing);
    subscribed.resolve();
  });

  /** Resolves with false if the next connection, or a later attempt on this one, has to subscribe. */
  function subscribeTo(channel: string): Promise<boolean> {
    return redis.subscribe(channel).then(
      () => {
        refused.delete(channel);
        return true;
      },
      () => {
        if (isConnected()) {
          refused.add(channel);
          setTimeout(subscribeAgain, REFUSED_MS, channel).unref();
        }
        return false;
      },
    );
  }

  async function subscribeAgain(channel: string): Promise<void> {
    if (!isConnected() || !refused.has(channel) || !(await subscribeTo(channel))) return;
    for (const { onSubscribed } of listeners.get(channel) ?? []) onSubscribed?.();
  }

  function add(channel: string, listener: ChannelListener): () => void {
    const those = listeners.get(channel) ?? new Set();
    listeners.set(channel, those.add(listener));
    return () => {
      if (!those.delete(listener) || those.size > 0) return;
      listeners.delete(channel);
      refused.delete(channel);
      if (isConnected()) redis.unsubscribe(channel).catch(() => {});
    };
  }

  return {
    redis,
    subscribed: subscribed.promise,
    isReady: () => isConnected() && refused.size === 0,
    async listen(channel, listener) {
      const stop = add(channel, listener);
      if (isConnected()) await answeredSoon(subscribeTo(channel));
      return stop;
    },
    subscribe(channel, onMessage, onSubscribed = () => {}) {
      const stop = add(channel, { onMessage, onSubscribed });
      if (isConnected()) void subscribeTo(channel).then((isSubscribed) => isSubscribed && onSubscribed());
      return stop;
    },
  };
}

async function answeredSoon(asked: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SUBSCRIBE_MS_MAX);
  asked.then(
    () => resolve(),
    () => resolve(),
  );
  await promise;
  clearTimeout(timer);
}
