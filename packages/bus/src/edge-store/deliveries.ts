import type { Redis } from 'ioredis';
import { channels } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import type { ChannelListeners } from './channel-listeners.ts';
import type { EdgeStore } from './edge-store.ts';
import { hashOfId, type PlaceCipher } from './place-cipher.ts';

type Deliveries = Pick<EdgeStore, 'deliver' | 'listen'>;

/** Sends messages from any edge to the edge that holds the stream of a session. */
export function createDeliveries(redis: Redis, listeners: ChannelListeners, cipher: PlaceCipher): Deliveries {
  return {
    deliver(sessionId, message) {
      const channel = channels.deliveries(hashOfId(sessionId));
      return orUnavailable(redis.publish(channel, cipher.seal('delivery', channel, message)));
    },
    listen(sessionId, listener, onMissed) {
      const channel = channels.deliveries(hashOfId(sessionId));
      return listeners.listen(channel, {
        onMessage(sealed) {
          const message = cipher.open('delivery', channel, sealed);
          if (message !== undefined) listener(message);
        },
        ...(onMissed === undefined ? {} : { onSubscribed: onMissed }),
      });
    },
  };
}
