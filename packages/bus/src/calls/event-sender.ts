import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels } from '../keys.ts';
import { type CallMessage, sealEvent } from './call-events.ts';
import type { ReplyRouting } from './envelope.ts';

/**
 * The caller that receives what a call sends: the one that sent the call, until its client comes back to another one.
 */
export type Recipient = { id: string; wasHeld: boolean };

/** Sends one event to the hearer, or to another caller, and resolves with the number of receivers: one, or none. */
export type SendEvent = (event: CallMessage, to?: string) => Promise<number>;
/** Returns a function that sends the events of one call. */
export type OpenEvents = (routing: ReplyRouting, hearer: Recipient) => SendEvent;

/**
 * Events are sent at once and over the connection of the replies, so none arrives after the reply of its call. They are
 * not stored anywhere: while Redis is unavailable, they are dropped.
 */
export function createEventSender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): OpenEvents {
  return (routing, hearer) => {
    let seq = 0;
    return async (event, to = hearer.id) => {
      if (redis.status !== 'ready') return 0;
      seq += 1;
      holdWrites();
      const channel = channels.replies(routing.queue, to);
      return redis.publish(channel, sealEvent(cipher, routing, seq, event)).catch(() => 0);
    };
  };
}
