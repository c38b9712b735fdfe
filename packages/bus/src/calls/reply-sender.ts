import type { Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';
import { type ReplyRouting, sealReply } from './envelope.ts';

/** A caller that missed the message finds the copy for this long. */
const COPY_MS = 60_000;

/**
 * The first reply of a call is the one that counts. `pcall`, because a Redis without memory for the copy can still
 * pass the message on.
 *
 * KEYS: copies. ARGV: milliseconds, then channel and reply of each.
 */
const REPLY = `
for i, copy in ipairs(KEYS) do
  local reply = ARGV[2 * i + 1]
  if redis.pcall('SET', copy, reply, 'NX', 'PX', ARGV[1]) then redis.call('PUBLISH', ARGV[2 * i], reply) end
end
return 0`;

/** Resolves when Redis has the reply. */
export type SendReply = (routing: ReplyRouting, outcome: Outcome) => Promise<void>;

export function createReplySender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): SendReply {
  const script = defineScript(redis, 'toolplaneReply', REPLY);
  const send = createMicroBatch(holdWrites, async (replies: { copy: string; channel: string; text: string }[]) => {
    await script(
      replies.map(({ copy }) => copy),
      [COPY_MS, ...replies.flatMap(({ channel, text }) => [channel, text])],
    );
    return [];
  });
  return async (routing, outcome) => {
    const { callId, replyTo } = routing;
    const text = sealReply(cipher, routing, outcome);
    await send({ copy: keys.reply(callId), channel: channels.replies(replyTo), text });
  };
}
