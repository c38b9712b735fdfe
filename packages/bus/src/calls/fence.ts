import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';

/*
 * The fence of a call is one key, and the first to set it decides: a delivery that may run it, or a caller that gave
 * up on it. BullMQ only carries the call; two deliveries of it, for whatever reason, find one fence.
 */

/** Of a call whose caller gave up on it first: it never starts. */
export const CANCELLED = 'cancelled';

/** Outlives the deadline long enough that no late delivery finds the fence gone. */
export const FENCE_MS_AFTER_DEADLINE = 60_000;

/** KEYS: fences. ARGV: owner and milliseconds of each. Gives who had each before, or nothing. */
const TAKE = `
local owners = {}
for i, fence in ipairs(KEYS) do
  owners[i] = redis.call('SET', fence, ARGV[2 * i - 1], 'NX', 'GET', 'PX', ARGV[2 * i])
end
return owners`;

type FencedCall = { callId: string; deadline: number };

const fenceMs = (deadline: number) => Math.max(deadline - Date.now(), 0) + FENCE_MS_AFTER_DEADLINE;

/**
 * `owner` names one delivery, so the same call delivered again finds its fence taken. Asked twice by the same owner, it is
 * still the owner's.
 */
export type TakeFence = (call: FencedCall & { owner: string }) => Promise<'ours' | 'taken' | 'cancelled'>;

/** The worker's side. */
export function createFenceTaker(redis: Redis, holdWrites: HoldWrites, queue: string): TakeFence {
  const take = defineScript(redis, 'toolplaneTakeFences', TAKE);
  return createMicroBatch(holdWrites, async (calls: (FencedCall & { owner: string })[]) => {
    const owners = await take(
      calls.map(({ callId }) => keys.fence(queue, callId)),
      calls.flatMap(({ owner, deadline }) => [owner, fenceMs(deadline)]),
    );
    return (owners as (string | null)[]).map((before, index) => {
      if (before === null || before === calls[index]?.owner) return 'ours';
      return before === CANCELLED ? 'cancelled' : 'taken';
    });
  });
}

export type FenceState = { state: 'cancelled' } | { state: 'answered'; reply: string } | { state: 'started' };

/** The caller's side: proves that the call never starts, or finds its reply, or otherwise tells its worker to stop. */
export type TellFence = (call: FencedCall) => Promise<FenceState>;

export function createGiveUp(redis: Redis, queue: string): TellFence {
  // No script, which would need the right to write replies: Redis takes every key of a script for written.
  return async ({ callId, deadline }) => {
    const owner = await redis.set(keys.fence(queue, callId), CANCELLED, 'PX', fenceMs(deadline), 'NX', 'GET');
    if (owner === null || owner === CANCELLED) return { state: 'cancelled' };
    const reply = await redis.get(keys.reply(queue, callId));
    if (reply !== null) return { state: 'answered', reply };
    await redis.publish(channels.cancel(queue), callId);
    return { state: 'started' };
  };
}
