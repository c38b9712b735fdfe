import type { Redis } from 'ioredis';
import type { ChannelListeners } from '../channel-listeners.ts';
import { channels, keys } from '../keys.ts';
import type { AcceptMessage } from './accept-message.ts';

/** How many copies are requested at once. */
const RECOVERY_MAX = 200;

/**
 * Listens for what is sent to one caller: replies, and events before them. Messages that are sent while nobody listens
 * are lost, so each time the subscription or the connection for commands is back, the copies of all awaited replies are
 * read.
 */
export function receiveReplies({
  redis,
  replies,
  queue,
  callerId,
  awaited,
  onMessage,
}: {
  redis: Redis;
  replies: ChannelListeners;
  queue: string;
  callerId: string;
  awaited: () => string[];
  onMessage: AcceptMessage;
}): { recover(): Promise<void> } {
  async function recover(): Promise<void> {
    const callIds = awaited();
    try {
      for (let start = 0; start < callIds.length; start += RECOVERY_MAX) {
        const copies = callIds.slice(start, start + RECOVERY_MAX).map((callId) => keys.reply(queue, callId));
        for (const reply of await redis.mget(copies)) if (reply !== null) onMessage(reply, true);
      }
    } catch {
      // The connection for commands is lost as well; it recovers when it is back.
    }
  }

  replies.subscribe(channels.replies(queue, callerId), (message) => onMessage(message), recover);
  return { recover };
}
