import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { channels, keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';

/*
 * The fence of a call is one key that says what may become of it. Its caller writes `queued` there before it queues
 * the call, and from then on only what is written there counts: a delivery that finds `queued` writes its own name and
 * runs the call, a caller that gives up on it writes `cancelled`. BullMQ only carries the call; two deliveries of it,
 * for whatever reason, find one fence.
 *
 * A fence that is not there proves nothing. It has a lifetime, and a suspended machine or a clock that was set can end
 * that while the call runs: so nobody may start a call without its fence, and nobody calls it `not_started` for the
 * lack of one.
 */

const QUEUED = 'queued';
/** Of a call whose caller gave up on it first: it never starts. */
export const CANCELLED = 'cancelled';
/** The call was started, and its caller gave up on it: who runs it stops. */
export const STOPPED = 'stopped';
/** Nobody knows any more whether the call was started: who runs it stops, and nobody may start it. */
const LOST = 'lost';

/** This keeps Redis tidy; how long a fence is kept decides nothing. */
const FENCE_MS_AFTER_DEADLINE = 60_000;

/** KEYS: fences. ARGV: milliseconds of each. Gives what was in each before, or nothing. */
const LAY = `
local before = {}
for i, fence in ipairs(KEYS) do
  before[i] = redis.call('SET', fence, '${QUEUED}', 'NX', 'GET', 'PX', ARGV[i])
end
return before`;

/** KEYS: fences. ARGV: owner and milliseconds of each, and 1 if it was laid. Gives what was in each before, or nothing. */
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

/** KEYS: the fence. ARGV: milliseconds, and what is written over the name of who runs the call. Gives what was there. */
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

/** Lays the fences of calls that are about to be queued. False: somebody has given up on this one already. */
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
 * `owner` names one delivery, so the same call delivered again finds its fence taken. Asked twice by the same owner, it is
 * still the owner's. `missing`: nothing is known of the call. `isLaid`: its caller lays fences.
 */
export type TakeFence = (
  call: FencedCall & { owner: string; isLaid: boolean },
) => Promise<'ours' | 'taken' | 'cancelled' | 'missing'>;

/** The worker's side. */
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

/** What was found: `queued` and `cancelled` prove that the call never starts. */
export type Revoked = 'queued' | 'cancelled' | 'running' | 'missing';

/** Makes sure that nobody starts the call, and that who runs it learns to stop. */
export type RevokeFence = (call: FencedCall) => Promise<Revoked>;

/** `by`: of a caller that gave up on it, or of a worker that found its worker lost. */
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

/** The caller's side: proves that the call never starts, or finds its reply, or otherwise tells its worker to stop. */
export type TellFence = (call: FencedCall) => Promise<FenceState>;

export function createGiveUp(redis: Redis, queue: string): TellFence {
  // The reply is read by itself, because Redis takes every key of a script for written.
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
