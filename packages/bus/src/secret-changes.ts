/*
 * Notifies the other data planes of the pool that a secret was written or deleted. A notification only makes them read
 * the secret again, so forging one in Redis gains nothing.
 */
import { type SecretRef, secretRefSchema } from '@toolplane/contracts';
import { type BusConnection, firstAttempt } from './bus-connection.ts';
import { channels, type InPool } from './keys.ts';

export type SecretChanges = {
  /** A lost notification is not a failure: cached values expire on their own. */
  announceSecretChange(ref: SecretRef): Promise<void>;
  onSecretChange(listener: (ref: SecretRef) => void): void;
  /** The listener is called when the channel was subscribed to (again): any secret may have changed before that. */
  onMissedChanges(listener: () => void): void;
};

export async function createSecretChanges({ bus, pool }: { bus: BusConnection } & InPool): Promise<SecretChanges> {
  const channel = channels.secretChanges(pool);
  const redis = bus.commands;
  const listeners: ((ref: SecretRef) => void)[] = [];
  const missedListeners: (() => void)[] = [];
  bus.messages.subscribe(
    channel,
    (message) => {
      const ref = readRef(message);
      if (ref !== undefined) for (const listener of listeners) listener(ref);
    },
    () => {
      for (const listener of missedListeners) listener();
    },
  );
  await firstAttempt(redis);
  return {
    async announceSecretChange(ref) {
      await redis.publish(channel, JSON.stringify(ref)).catch(() => undefined);
    },
    onSecretChange: (listener) => void listeners.push(listener),
    onMissedChanges: (listener) => void missedListeners.push(listener),
  };
}

function readRef(message: string): SecretRef | undefined {
  try {
    return secretRefSchema.parse(JSON.parse(message));
  } catch {
    return undefined;
  }
}
