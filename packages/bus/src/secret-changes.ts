/*
 * Notifies the other data planes of the pool that a secret was written or deleted. A notification only makes them read
 * the secret again, so forging one in Redis gains nothing.
 */
import { type SecretRef, secretRefSchema } from '@toolplane/contracts';
import { channels } from './keys.ts';
import { connectFailingFast, connectWaiting, firstAttempt, subscribeAlways } from './redis-connection.ts';

export type SecretChanges = {
  /** A lost notification is not a failure: cached values expire on their own. */
  announceSecretChange(ref: SecretRef): Promise<void>;
  onSecretChange(listener: (ref: SecretRef) => void): void;
  /** The listener is called when the channel was subscribed to (again): any secret may have changed before that. */
  onMissedChanges(listener: () => void): void;
  close(): Promise<void>;
};

export async function createSecretChanges({
  redisUrl,
  pool,
}: {
  redisUrl: string;
  pool?: string | undefined;
}): Promise<SecretChanges> {
  const channel = channels.secretChanges(pool);
  const redis = connectFailingFast(redisUrl, 'secret-changes');
  const subscriber = connectWaiting(redisUrl, 'secret-changes');
  const listeners: ((ref: SecretRef) => void)[] = [];
  const missedListeners: (() => void)[] = [];
  subscriber.on('message', (_channel, message: string) => {
    const ref = readRef(message);
    if (ref !== undefined) for (const listener of listeners) listener(ref);
  });
  subscribeAlways(subscriber, channel, () => {
    for (const listener of missedListeners) listener();
  });
  await firstAttempt(redis);
  return {
    async announceSecretChange(ref) {
      await redis.publish(channel, JSON.stringify(ref)).catch(() => undefined);
    },
    onSecretChange: (listener) => void listeners.push(listener),
    onMissedChanges: (listener) => void missedListeners.push(listener),
    async close() {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}

function readRef(message: string): SecretRef | undefined {
  try {
    return secretRefSchema.parse(JSON.parse(message));
  } catch {
    return undefined;
  }
}
