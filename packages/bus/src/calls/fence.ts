import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';

/*
 * The fence of a call is one key that says what may become of the call. Its caller writes `queued` there before it
 * queues the call, and from then on only the content of the fence counts: a delivery that finds `queued` writes its own
 * name and runs the call, a caller that gives up on it writes `cancelled`. BullMQ only carries the call; two deliveries
 * of it, for whatever reason, find one fence.
 *
 * A missing fence proves nothing. A fence has a lifetime, and a suspended machine or a clock that was set can end that
 * while the call runs: so nobody may start a call without its fence, and nobody reports `not_started` because the fence
 * is missing.
 */

const QUEUED = 'queued';
/** The caller gave up on the call before it was started: it never starts. */
export const CANCELLED = 'cancelled';
/** The call was started, and its caller gave up on it: the worker that runs it stops. */
export const STOPPED = 'stopped';
/** It is no longer known whether the call was started: a worker that runs it stops, and nobody may start it. */
const LOST = 'lost';

/** This only keeps Redis tidy; nothing depends on how long a fence is kept. */
const FENCE_MS_AFTER_DEADLINE = 60_000;

/** KEYS: fences. ARGV: milliseconds of each. Returns the previous value of each, if any. */
const LAY = `
local before = {}
for i, fence in ipairs(KEYS) do
  before[i] = redis.call('SET', fence, '${QUEUED}', 'NX', 'GET', 'PX', ARGV[i])
end
return before`;

/**
 * KEYS: fences. ARGV: owner and milliseconds of each, and 1 if it was laid. Returns the previous value of each, if any.
 */
const TAKE = `
local before = {}
for i, fence in ipairs(KEYS) do
  local owner, ms, isLaid = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  before[i] = redis.call('GET', fence)
  if before[i] == '${QUEUED}' or (not before[i] and isLaid == '0') then
    redis.call('SET', fence, owner, 'PX', ms)
  end
end
return before`;

/**
 * KEYS: the fence. ARGV: milliseconds, and what replaces the name of the delivery that runs the call. Returns the
 * previous value.
 */
const REVOKE = `
local before = redis.call('GET', KEYS[1])
local after = ARGV[2]
if not before then after = '${LOST}' end
if before == '${QUEUED}' then after = '${CANCELLED}' end
if before == '${CANCELLED}' or before == '${LOST}' then return before end
redis.call('SET', KEYS[1], after, 'PX', ARGV[1])
return before`;

type FencedCall = { callId: string; deadline: number };

const fenceMs = (deadline: number) => Math.max(deadline - Date.now(), 0) + FENCE_MS_AFTER_DEADLINE;

/**
 * Lays the fences of calls that are about to be queued. Resolves with false for a call that somebody has already given
 * up on.
 */
export type LayFences = (calls: readonly FencedCall[]) => Promise<boolean[]>;

export function createFenceLayer(redis: Redis, queue: string): LayFences {
  const lay = defineScript(redis, 'toolplaneLayFences', LAY);
  return async (calls) => {
    const before = await lay(
      calls.map(({ callId }) => keys.fence(queue, callId)),
      calls.map(({ deadline }) => fenceMs(deadline)),
    );
    return (before as (string | null)[]).map((there) => there !== CANCELLED && there !== LOST);
  };
}

/**
 * `owner` names one delivery, so another delivery of the same call finds its fence taken. If the same owner asks twice,
 * the fence is still its own. `missing`: nothing is known of the call. `isLaid`: its caller lays fences.
 */
export type TakeFence = (
  call: FencedCall & { owner: string; isLaid: boolean },
) => Promise<'ours' | 'taken' | 'cancelled' | 'missing'>;

/** Takes fences for a worker. */
export function createFenceTaker(redis: Redis, holdWrites: HoldWrites, queue: string): TakeFence {
  const take = defineScript(redis, 'toolplaneTakeFences', TAKE);
  return createMicroBatch(holdWrites, async (calls: Parameters<TakeFence>[0][]) => {
    const before = await take(
      calls.map(({ callId }) => keys.fence(queue, callId)),
      calls.flatMap(({ owner, deadline, isLaid }) => [owner, fenceMs(deadline), isLaid ? 1 : 0]),
    );
    return (before as (string | null)[]).map((there, index) => {
      const call = calls[index];
      if (there === null) return call?.isLaid === false ? 'ours' : 'missing';
      if (there === QUEUED || there === call?.owner) return 'ours';
      return there === CANCELLED ? 'cancelled' : 'taken';
    });
  });
}

/** What the fence said: `queued` and `cancelled` prove that the call never starts. */
export type Revoked = 'queued' | 'cancelled' | 'running' | 'missing';

/** Makes sure that nobody starts the call, and that a worker that runs it learns that it has to stop. */
export type RevokeFence = (call: FencedCall) => Promise<Revoked>;

/** `by` says who revokes it: a caller that gave up on the call, or a worker that found the call's worker lost. */
export function createFenceRevoker(redis: Redis, queue: string, by: 'caller' | 'worker'): RevokeFence {
  const revoke = defineScript(redis, 'toolplaneRevokeFence', REVOKE);
  return async ({ callId, deadline }) => {
    const after = by === 'caller' ? STOPPED : LOST;
    const before = await revoke([keys.fence(queue, callId)], [fenceMs(deadline), after]);
    if (before === null || before === LOST) return 'missing';
    return before === QUEUED || before === CANCELLED ? before : 'running';
  };
}

export type FenceState = { state: 'cancelled' } | { state: 'answered'; reply: string } | { state: 'unknown' };

/** Gives up on a call: proves that the call never starts, or finds its reply, or otherwise tells its worker to stop. */
export type CancelFence = (call: FencedCall) => Promise<FenceState>;

export function createGiveUp(redis: Redis, queue: string): CancelFence {
  // The reply is read separately, because Redis treats every key of a script as written.
  const revoke = createFenceRevoker(redis, queue, 'caller');
  return async (call) => {
    const { callId } = call;
    const found = await revoke(call);
    if (found === QUEUED || found === CANCELLED) return { state: 'cancelled' };
    const reply = await redis.get(keys.reply(queue, callId));
    if (reply !== null) return { state: 'answered', reply };
    await redis.publish(channels.cancel(queue), callId);
    return { state: 'unknown' };
  };
}
