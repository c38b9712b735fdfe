import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels } from '../keys.ts';
import { sealEvent, type Told } from './call-events.ts';
import type { ReplyRouting } from './envelope.ts';

/** Sends one event, and gives how many heard it: one, or none. */
export type SendEvent = (event: Told) => Promise<number>;
/** Gives what sends the events of one call. */
export type OpenEvents = (routing: ReplyRouting) => SendEvent;

/**
 * Events leave at once and over the connection of the replies, so none comes after the reply of its call. They are
 * not kept anywhere: while Redis is away they are dropped.
 */
export function createEventSender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): OpenEvents {
  return (routing) => {
    const channel = channels.replies(routing.queue, routing.replyTo);
    let seq = 0;
    return async (event) => {
      if (redis.status !== 'ready') return 0;
      seq += 1;
      holdWrites();
      return redis.publish(channel, sealEvent(cipher, routing, seq, event)).catch(() => 0);
    };
  };
}
