import { randomUUID } from 'node:crypto';
import { jsonSchema } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ChannelListeners } from '../channel-listeners.ts';
import { channels, hashOfId } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import type { PlaceCipher } from './place-cipher.ts';

const sessionEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('response'),
    sessionId: z.string(),
    id: z.string(),
    /** The complete JSON-RPC response of a client to a request that an edge sent. */
    message: jsonSchema,
  }),
  z.strictObject({
    kind: z.literal('cancelled'),
    sessionId: z.string(),
    requestId: z.union([z.string(), z.number()]),
  }),
]);
/** Something that a client sent to one edge and that another edge may be waiting for. */
export type SessionEvent = z.infer<typeof sessionEventSchema>;

export type SessionMessages = {
  /** Sends an event to all edges, including this one. */
  broadcast(event: SessionEvent): Promise<void>;
  onBroadcast(listener: (event: SessionEvent) => void): void;
  /** Sends a message to the edges that listen for this session; resolves with their number. */
  deliver(sessionId: string, message: string): Promise<number>;
  /**
   * Nothing is received while Redis is unavailable; `onMissed` is called when it is back. Resolves with a function that
   * stops listening.
   */
  listen(sessionId: string, listener: (message: string) => void, onMissed?: () => void): Promise<() => void>;
};

/**
 * What edges send each other: events, to all of them, and messages to the edge that holds the stream of a session.
 *
 * An event is the id of the sending edge, a space, and the sealed text. An edge passes its own events to its listeners
 * directly.
 */
export function createSessionMessages(redis: Redis, messages: ChannelListeners, cipher: PlaceCipher): SessionMessages {
  const ownId = randomUUID();
  const listeners: ((event: SessionEvent) => void)[] = [];
  const placeOf = (edgeId: string) => `${channels.sessionEvents} ${edgeId}`;

  function report(event: SessionEvent): void {
    for (const listener of listeners) listener(event);
  }

  function onMessage(message: string): void {
    const [edgeId = '', sealed = ''] = message.split(' ');
    if (edgeId === ownId) return;
    const text = cipher.open('broadcast', placeOf(edgeId), sealed);
    const event = text === undefined ? undefined : sessionEventSchema.safeParse(JSON.parse(text)).data;
    if (event !== undefined) report(event);
  }

  messages.subscribe(channels.sessionEvents, onMessage);

  return {
    async broadcast(event) {
      report(event);
      const sealed = cipher.seal('broadcast', placeOf(ownId), JSON.stringify(event));
      await orUnavailable(redis.publish(channels.sessionEvents, `${ownId} ${sealed}`));
    },
    onBroadcast: (listener) => void listeners.push(listener),
    deliver(sessionId, message) {
      const channel = channels.deliveries(hashOfId(sessionId));
      return orUnavailable(redis.publish(channel, cipher.seal('delivery', channel, message)));
    },
    listen(sessionId, listener, onMissed) {
      const channel = channels.deliveries(hashOfId(sessionId));
      return messages.listen(channel, {
        onMessage(sealed) {
          const message = cipher.open('delivery', channel, sealed);
          if (message !== undefined) listener(message);
        },
        ...(onMissed === undefined ? {} : { onSubscribed: onMissed }),
      });
    },
  };
}
