import { setTimeout as delay } from 'node:timers/promises';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';
import { LOST_MS_AFTER_DEADLINE } from './deadline.ts';
import { KEEP_REPLY_MS, keptMs, type Reply, type ReplyRouting, type Routing, sealReply } from './envelope.ts';
import type { Recipient } from './event-sender.ts';
import { shareOf } from './share.ts';

/** Copies of replies above this size are kept for less time if somebody has received the reply itself. */
export const LARGE_REPLY_BYTES = 65_536;
/**
 * Long enough for a caller whose connection was lost while the reply was on its way: it notices within 10 s, reconnects
 * and reads the copy. Within a minute, one tenant could fill Redis with large copies.
 */
const KEEP_DELIVERED_MS = 15_000;
/**
 * The maximum size of such copies of one organization that one worker leaves in Redis in that time. Beyond it, copies
 * of received replies are not kept: a call whose connection is lost at just that moment ends as `unknown`.
 */
export const KEEP_HEARD_BYTES = 32 * 1024 * 1024;

const KEEP_AGAIN_MS = 250;
/** The maximum size of refused copies that a worker keeps in memory, of all organizations together. */
const KEEP_LATER_BYTES = 32 * 1024 * 1024;

/**
 * Only the first reply of a call counts. `pcall` is used because a Redis without memory for the copy can still pass the
 * message on. Returns the number of receivers of each reply, or -1 for one that was not the first, and then for each
 * reply whether its copy was refused.
 *
 * KEYS: copies. ARGV: for each, milliseconds, channel, reply, its copy if that differs from the reply, and the
 * milliseconds for which the copy is kept once the reply was received, if these differ.
 */
const REPLY = `
local heard, refused = {}, {}
for i, copy in ipairs(KEYS) do
  local ms, channel, reply, kept, heardMs = unpack(ARGV, 5 * i - 4, 5 * i)
  if kept == '' then kept = reply end
  local set = redis.pcall('SET', copy, kept, 'NX', 'PX', ms)
  refused[i] = set and set.err and 1 or 0
  heard[i] = set and redis.call('PUBLISH', channel, reply) or -1
  if heard[i] > 0 and heardMs ~= '' then redis.call('PEXPIRE', copy, heardMs) end
end
return { heard, refused }`;

/**
 * Resolves when Redis has the reply, with true if it was the first of the call. `onWritten` is called when the reply is
 * on its way there.
 */
export type SendReply = (
  routing: ReplyRouting & Pick<Routing, 'deadline' | 'keepReplyMs' | 'lease'>,
  reply: Reply,
  hearer?: Recipient,
  onWritten?: () => void,
) => Promise<boolean>;

type SealedReply = {
  ms: number;
  copy: string;
  channel: string;
  text: string;
  kept: string;
  keptMsIfReceived: number | '';
};

export function createReplySender(redis: Redis, holdWrites: HoldWrites, cipher: CallCipher): SendReply {
  const mayKeep = limitBytes(KEEP_HEARD_BYTES, KEEP_DELIVERED_MS);
  const script = defineScript(redis, 'toolplaneReply', REPLY);
  const send = createMicroBatch(holdWrites, async (replies: SealedReply[]) => {
    const answer = await script(
      replies.map(({ copy }) => copy),
      replies.flatMap(({ ms, channel, text, kept, keptMsIfReceived }) => [ms, channel, text, kept, keptMsIfReceived]),
    );
    const [receivers, refused] = answer as [number[], number[]];
    return replies.map((_, index) => ({ receivers: receivers[index] ?? 0, isRefused: refused[index] === 1 }));
  });
  let refusedBytes = 0;

  /**
   * Writes a refused copy later. Others look for the reply until they give up: by then, Redis may have memory for it
   * again.
   */
  async function keepLater(copy: string, text: string, ms: number, deadline: number): Promise<void> {
    if (refusedBytes + text.length > KEEP_LATER_BYTES) return;
    refusedBytes += text.length;
    while (Date.now() < deadline + LOST_MS_AFTER_DEADLINE) {
      await delay(KEEP_AGAIN_MS, undefined, { ref: false });
      const answered = redis.set(copy, text, 'PX', ms, 'NX').then(
        () => true,
        () => false,
      );
      if (await answered) break;
    }
    refusedBytes -= text.length;
  }

  /**
   * Returns the lease of a call whose caller is gone. A caller that was only cut off for a moment does not use the
   * lease again, because it did not receive the reply.
   */
  function giveBack({ queue, tenant, lease }: Pick<Routing, 'queue' | 'tenant' | 'lease'>): void {
    if (lease === undefined) return;
    const leases = [
      keys.totalLeases(queue),
      keys.tenantLeases(queue, tenant),
      keys.organizationLeases(queue, shareOf({ tenant, lease }).organization),
    ];
    // If this fails, the lease expires after the deadline.
    for (const key of leases) redis.zrem(key, lease.id).catch(() => {});
  }

  /**
   * How long the copy is kept once the reply was received; empty if as long as when nobody received it. The copy of a
   * call that others can find is what they find, and counts in the byte budget of the edges.
   */
  function toKeptMsIfReceived(routing: Parameters<SendReply>[0], bytes: number, wasHeld: boolean): number | '' {
    if (bytes <= LARGE_REPLY_BYTES || routing.keepReplyMs !== undefined) return '';
    const isKept = mayKeep(shareOf(routing).organization, bytes);
    // The client of a held call may come back for the reply.
    if (wasHeld) return isKept ? '' : KEEP_DELIVERED_MS;
    return isKept ? KEEP_DELIVERED_MS : 1;
  }

  return async (routing, reply, { id, wasHeld } = { id: routing.replyTo, wasHeld: false }, onWritten) => {
    const { queue, callId, deadline, keepReplyMs = KEEP_REPLY_MS } = routing;
    const text = sealReply(cipher, routing, reply);
    // Any caller may look for the copy, even one of the previous release, which knows outcomes without a report. And a
    // trace is only for the caller that waits for it: nothing of it is left in Redis.
    const isOutcomeAlone =
      reply.report !== undefined && (routing.keepReplyMs !== undefined || reply.report.trace !== undefined);
    const kept = isOutcomeAlone ? sealReply(cipher, routing, { outcome: reply.outcome }) : '';
    // The client may come back for the reply as long as the call could have run.
    const ms = wasHeld ? Math.max(keepReplyMs, keptMs(deadline - Date.now() + KEEP_REPLY_MS)) : keepReplyMs;
    const keptMsIfReceived = toKeptMsIfReceived(routing, text.length, wasHeld);
    const copy = keys.reply(queue, callId);
    const channel = channels.replies(queue, id);
    const { receivers, isRefused } = await send({ ms, copy, channel, text, kept, keptMsIfReceived }, onWritten);
    const isLookedFor = routing.keepReplyMs !== undefined || wasHeld;
    if (isRefused && isLookedFor) void keepLater(copy, kept === '' ? text : kept, ms, deadline);
    if (receivers === 0) giveBack(routing);
    return receivers >= 0;
  };
}

/**
 * Returns a function that says whether this many more bytes of an owner may be kept: at most `max` for each owner in a
 * window of this length.
 */
function limitBytes(max: number, windowMs: number): (owner: string, bytes: number) => boolean {
  let kept = new Map<string, number>();
  let endsAt = 0;
  return (owner, bytes) => {
    const now = performance.now();
    if (now >= endsAt) {
      kept = new Map();
      endsAt = now + windowMs;
    }
    const sum = (kept.get(owner) ?? 0) + bytes;
    if (sum > max) return false;
    kept.set(owner, sum);
    return true;
  };
}
