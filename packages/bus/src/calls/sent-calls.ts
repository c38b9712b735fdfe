/*
 * Finds out what became of a call, or cancels it, in any process and by what was recorded of it. Its fence and its
 * reply contain the answer, as they do for the process that sent it.
 */
import type { Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import type { BusEvent } from '../bus-event.ts';
import { channels, keys } from '../keys.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import { orUnavailable, queueUnavailable } from '../queue-unavailable.ts';
import { type BusFailureCode, busFailure } from './bus-failures.ts';
import { LOST_MS_AFTER_DEADLINE } from './deadline.ts';
import { openReply, sealReply } from './envelope.ts';
import { CANCELLED, type CancelFence } from './fence.ts';
import { HOLD_MS } from './holds.ts';

/** What is needed to find a call again. None of it is secret; all of it must come from where nobody can change it. */
export type SentCall = {
  callId: string;
  tenant: string;
  /** The caller that sent it. */
  replyTo: string;
  /** Unix milliseconds. */
  deadline: number;
  /** The run of Redis in which it was sent. */
  epoch: string;
};

/** `isReported`: a worker reported it. Otherwise, an outcome that is `unknown` only means that nothing is known. */
export type FoundCall = { state: 'pending' } | { state: 'settled'; outcome: Outcome; isReported: boolean };

export type SentCalls = {
  /** Rejects with `queue_unavailable` if Redis does not answer; so does `cancel`. */
  find(call: SentCall): Promise<FoundCall>;
  /** Stops the call, or proves that it never starts; `find` says which. Does nothing if it is too late. */
  cancel(call: SentCall): Promise<void>;
};

export function createSentCalls({
  redis,
  queue,
  cipher,
  epoch,
  cancelFence,
  removeJob,
  onEvent,
}: {
  redis: Redis;
  queue: string;
  cipher: CallCipher;
  epoch: QueueEpoch;
  cancelFence: CancelFence;
  removeJob: (callId: string) => void;
  onEvent: (event: BusEvent) => void;
}): SentCalls {
  function open(call: SentCall, reply: string): FoundCall | undefined {
    try {
      return { state: 'settled', outcome: openReply(cipher, { ...call, queue }, reply).outcome, isReported: true };
    } catch {
      onEvent({ type: 'reply_rejected', callId: call.callId });
      return undefined;
    }
  }

  async function find(call: SentCall): Promise<FoundCall> {
    const [reply, fence] = await redis.mget(keys.reply(queue, call.callId), keys.fence(queue, call.callId));
    const answer = typeof reply === 'string' ? open(call, reply) : undefined;
    if (answer !== undefined) return answer;
    if (call.epoch !== currentEpoch()) {
      // The worker reports what it did meanwhile as soon as it is connected again. The caller waits equally long.
      return epoch.ageMs() < HOLD_MS ? { state: 'pending' } : settled('unknown', 'queue_restarted');
    }
    const overdueMs = Date.now() - call.deadline;
    const code = overdueMs < 0 ? 'cancelled' : 'deadline_exceeded';
    if (fence === CANCELLED) return settled('not_started', code);
    return overdueMs > LOST_MS_AFTER_DEADLINE ? giveUp(call) : { state: 'pending' };
  }

  async function giveUp(call: SentCall): Promise<FoundCall> {
    const fence = await cancelFence(call);
    if (fence.state === 'cancelled') removeJob(call.callId);
    const answer = fence.state === 'answered' ? open(call, fence.reply) : undefined;
    return answer ?? settled(fence.state === 'cancelled' ? 'not_started' : 'unknown', 'deadline_exceeded');
  }

  async function cancel(call: SentCall): Promise<void> {
    // The fence may be lost together with the Redis that held it, while the worker continues.
    if (call.epoch !== currentEpoch()) return void (await redis.publish(channels.cancel(queue), call.callId));
    const fence = await cancelFence(call);
    if (fence.state !== 'cancelled') return;
    removeJob(call.callId);
    // No worker will reply to the caller, which would wait until the deadline.
    const reply = sealReply(cipher, { ...call, queue }, { outcome: busFailure('not_started', 'cancelled') });
    await redis.publish(channels.replies(queue, call.replyTo), reply);
  }

  function currentEpoch(): string {
    if (epoch.current === undefined) throw queueUnavailable();
    return epoch.current;
  }

  return { find: (call) => orUnavailable(find(call)), cancel: (call) => orUnavailable(cancel(call)) };
}

function settled(outcome: 'not_started' | 'unknown', code: BusFailureCode): FoundCall {
  return { state: 'settled', outcome: busFailure(outcome, code), isReported: false };
}
