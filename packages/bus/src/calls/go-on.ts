import { setTimeout as delay } from 'node:timers/promises';
import { type CallAnswer, failed, type JsonObject, type OrderAnswer, type Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import { channels } from '../keys.ts';
import type { Lease } from './admission.ts';
import { type BusFailureCode, busFailureMessage } from './bus-failures.ts';
import type { CallRequest } from './call-request.ts';
import { toAnswer } from './heard-questions.ts';
import { questionIdOf } from './held-questions.ts';
import { sealOrder } from './order-message.ts';
import type { PendingCall } from './pending-calls.ts';
import type { SentCall, SentCalls } from './sent-calls.ts';

/** How long until the order is sent to the worker again and the reply is looked for. */
const REPEAT_MS = 1000;
/** After so many attempts in a row without a listener, the worker is lost. */
const UNHEARD_MAX = 3;

/** What is needed to continue a held call. None of it is secret, but nobody may be able to change it. */
export type HeldCall = SentCall & {
  worker: string;
  /** Of the last order. */
  round: number;
  /** Whose worker it is; absent: one of the default pool. */
  pool?: string | undefined;
  /** Absent: it was given back, or has run out. */
  lease?: Pick<Lease, 'id' | 'expiresAt'> | undefined;
};

export type GoOnRequest = Pick<CallRequest, 'signal' | 'onEvent' | 'onHeld' | 'onReport'> & {
  /** By the keys of the questions. Others, and those that were answered or withdrawn before, are ignored. */
  answers: Record<string, JsonObject>;
};

/**
 * Brings the answers of its client to a held call, and hears of it from then on: its end, or what it asks next. Only
 * one may do so for each time that it was held. `not_started` says that the call still waits: the answers have done
 * nothing.
 */
export type GoOn = (held: HeldCall, request: GoOnRequest) => Promise<Outcome>;

/** Sends the order until the worker has answered, or the call has ended. */
export async function tellGoOn(
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
  for (let unheard = 0; !call.isSettled && !isTaken(); await delay(REPEAT_MS, undefined, { ref: false })) {
    try {
      const found = await find(held);
      if (found.state === 'settled') return call.settle(found.outcome);
      const heardBy = await redis.publish(channels.answers(queue, held.worker), message);
      unheard = heardBy > 0 ? 0 : unheard + 1;
    } catch {
      // Redis is away: its deadline ends the call.
    }
    if (unheard >= UNHEARD_MAX) return giveUp(call, 'worker_lost');
  }
}

/** Of the order that continues the call. */
export const roundOf = ({ round }: HeldCall) => round + 1;

export function refusedOutcome({ code, message }: NonNullable<OrderAnswer['refusal']>): Outcome {
  return failed('not_started', code, message);
}

/** The call itself is as it was. */
export function stillHeld(code: BusFailureCode): Outcome {
  return failed('not_started', code, `${busFailureMessage(code)}; the answers had no effect and can be sent again`);
}

/** Of a call that nobody has answered before its deadline. */
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
