import type { Redis } from 'ioredis';

/** How long to wait for Redis to answer; the subscription is repeated on the next connection. */
const SUBSCRIBE_MS_MAX = 2000;

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
  /** Resolves after the first subscription. */
  readonly subscribed: Promise<void>;
};

/** Listens to a changing set of channels over one connection. */
export function createChannelListeners(subscriber: Redis): ChannelListeners {
  const listeners = new Map<string, Set<ChannelListener>>();
  const subscribed = Promise.withResolvers<void>();

  subscriber.on('message', (channel: string, message: string) => {
    for (const { onMessage } of listeners.get(channel) ?? []) onMessage(message);
  });
  subscriber.on('ready', async () => {
    const subscribing = [...listeners.values()].flatMap((those) => [...those]);
    try {
      if (listeners.size > 0) await subscriber.subscribe(...listeners.keys());
      for (const { onSubscribed } of subscribing) onSubscribed?.();
      subscribed.resolve();
    } catch {
      // Without its subscriptions, the connection is useless; the next one tries again.
      if (subscriber.status === 'ready') subscriber.disconnect(true);
    }
  });

  return {
    subscribed: subscribed.promise,
    async listen(channel, listener) {
      const those = listeners.get(channel) ?? new Set();
      listeners.set(channel, those.add(listener));
      if (subscriber.status === 'ready') await answeredSoon(subscriber.subscribe(channel));
      return () => {
        if (!those.delete(listener) || those.size > 0) return;
        listeners.delete(channel);
        if (subscriber.status === 'ready') subscriber.unsubscribe(channel).catch(() => {});
      };
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
