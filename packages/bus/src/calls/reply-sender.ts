import type { Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';
import { KEEP_REPLY_MS, keptMs, type ReplyRouting, sealReply } from './envelope.ts';
import type { Hearer } from './event-sender.ts';

/**
 * The first reply of a call is the one that counts. `pcall`, because a Redis without memory for the copy can still
 * pass the message on.
 *
 * KEYS: copies. ARGV: milliseconds, channel and reply of each.
 */
const REPLY = `
for i, copy in ipairs(KEYS) do
  local ms, channel, reply = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  if redis.pcall('SET', copy, reply, 'NX', 'PX', ms) then redis.call('PUBLISH', channel, reply) end
end
return 0`;

/** Resolves when Redis has the reply. */
export type SendReply = (
  routing: ReplyRouting & { deadline: number; keepReplyMs?: number | undefined },
  outcome: Outcome,
  hearer?: Hearer,
) => Promise<void>;

type Reply = { ms: number; copy: string; channel: string; text: string };

export function createReplySender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): SendReply {
  const script = defineScript(redis, 'toolplaneReply', REPLY);
  const send = createMicroBatch(holdWrites, async (replies: Reply[]) => {
    await script(
      replies.map(({ copy }) => copy),
      replies.flatMap(({ ms, channel, text }) => [ms, channel, text]),
    );
    return [];
  });
  return async (routing, outcome, { id, wasHeld } = { id: routing.replyTo, wasHeld: false }) => {
    const { queue, callId, deadline, keepReplyMs = KEEP_REPLY_MS } = routing;
    const text = sealReply(cipher, routing, outcome);
    // Its client may come back for it as long as the call could have run.
    const ms = wasHeld ? Math.max(keepReplyMs, keptMs(deadline - Date.now() + KEEP_REPLY_MS)) : keepReplyMs;
    await send({ ms, copy: keys.reply(queue, callId), channel: channels.replies(queue, id), text });
  };
}
