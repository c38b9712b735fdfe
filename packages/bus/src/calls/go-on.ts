import { setTimeout as delay } from 'node:timers/promises';
import { type CallAnswer, failed, type JsonObject, type OrderAnswer, type Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import { channels } from '../keys.ts';
import { type BusFailureCode, busFailureMessage } from './bus-failures.ts';
import type { CallRequest } from './call-request.ts';
import type { HeldCall } from './held-call.ts';
import { sealOrder } from './order-message.ts';
import type { PendingCall } from './pending-calls.ts';
import type { SentCalls } from './sent-calls.ts';
import { toAnswer } from './streamed-questions.ts';
import { questionIdOf } from './suspended-questions.ts';

/** How long until the order is sent to the worker again and the reply is looked up again. */
const REPEAT_MS = 1000;
/** After this many attempts in a row without a listener, the worker is considered lost. */
const UNDELIVERED_MAX = 3;

export type GoOnRequest = Pick<CallRequest, 'signal' | 'onEvent' | 'onHeld' | 'onReport'> & {
  /**
   * The answers by the keys of their questions. Answers to unknown questions, and to questions that were answered or
   * withdrawn before, are ignored.
   */
  answers: Record<string, JsonObject>;
};

/**
 * Passes the answers of the client to a held call, and receives what follows: its end, or its next questions. Only one
 * caller may do so each time that the call was held. `not_started` means that the call still waits: the answers had no
 * effect.
 */
export type GoOn = (held: HeldCall, request: GoOnRequest) => Promise<Outcome>;

/** Sends the order until the worker has answered, or the call has ended. */
export async function sendGoOn(
  call: PendingCall,
  held: HeldCall,
  {
    redis,
    queue,
    callerId,
    cipher,
    answers,
    find,
    isTaken,
    giveUp,
  }: {
    redis: Redis;
    queue: string;
    callerId: string;
    cipher: CallCipher;
    answers: GoOnRequest['answers'];
    find: SentCalls['find'];
    isTaken: () => boolean;
    giveUp: (call: PendingCall, code: BusFailureCode) => Promise<void>;
  },
): Promise<void> {
  const given = Object.entries(answers).flatMap(([key, answer]): [number, CallAnswer][] => {
    const id = questionIdOf(key);
    return id === undefined ? [] : [[id, toAnswer(answer)]];
  });
  const order = { kind: 'go_on', hearer: callerId, answers: given } as const;
  const message = sealOrder(cipher, { ...held, queue }, roundOf(held), order);
  for (let unanswered = 0; !call.isSettled && !isTaken(); await delay(REPEAT_MS, undefined, { ref: false })) {
    try {
      const found = await find(held);
      if (found.state === 'settled') return call.settle(found.outcome);
      const receivers = await redis.publish(channels.answers(queue, held.worker), message);
      unanswered = receivers > 0 ? 0 : unanswered + 1;
    } catch {
      // Redis is unavailable: the deadline ends the call.
    }
    if (unanswered >= UNDELIVERED_MAX) return giveUp(call, 'worker_lost');
  }
}

/** The round of the order that continues the call. */
export const roundOf = ({ round }: HeldCall) => round + 1;

export function refusedOutcome({ code, message }: NonNullable<OrderAnswer['refusal']>): Outcome {
  return failed('not_started', code, message);
}

/** The outcome of an attempt that left the call as it was. */
export function stillHeld(code: BusFailureCode): Outcome {
  return failed('not_started', code, `${busFailureMessage(code)}; the answers had no effect and can be sent again`);
}

/** The outcome of a call that nobody answered before its deadline. */
export async function endOf(held: HeldCall, find: SentCalls['find']): Promise<Outcome> {
  try {
    for (;;) {
      const found = await find(held);
      if (found.state === 'settled') return found.outcome;
      await delay(REPEAT_MS, undefined, { ref: false });
    }
  } catch {
    return stillHeld('queue_unavailable');
  }
}
