import { randomUUID } from 'node:crypto';
import { jsonSchema } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { channels } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import type { ChannelListeners } from './channel-listeners.ts';
import type { EdgeStore } from './edge-store.ts';
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

type SessionEvents = Pick<EdgeStore, 'broadcast' | 'onBroadcast'>;

/**
 * A message is the id of the sending edge, a space, and the sealed event. An edge passes its own events to its
 * listeners directly.
 */
export function createSessionEvents(
  redis: Redis,
  channelListeners: ChannelListeners,
  cipher: PlaceCipher,
): SessionEvents {
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

  void channelListeners.listen(channels.sessionEvents, { onMessage });

  return {
    async broadcast(event) {
      report(event);
      const sealed = cipher.seal('broadcast', placeOf(ownId), JSON.stringify(event));
      await orUnavailable(redis.publish(channels.sessionEvents, `${ownId} ${sealed}`));
    },
    onBroadcast: (listener) => void listeners.push(listener),
  };
}
