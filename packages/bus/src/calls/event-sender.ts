import type { CallEvent } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels } from '../keys.ts';
import { sealEvent } from './call-events.ts';
import type { ReplyRouting } from './envelope.ts';

/** Gives what sends the events of one call. */
export type OpenEvents = (routing: ReplyRouting) => (event: CallEvent) => void;

/**
 * Events leave at once and over the connection of the replies, so none comes after the reply of its call. They are
 * not kept anywhere: while Redis is away they are dropped.
 */
export function createEventSender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): OpenEvents {
  return (routing) => {
    const channel = channels.replies(routing.queue, routing.replyTo);
    let seq = 0;
    return (event) => {
      if (redis.status !== 'ready') return;
      seq += 1;
      holdWrites();
      redis.publish(channel, sealEvent(cipher, routing, seq, event)).catch(() => {});
    };
  };
}
