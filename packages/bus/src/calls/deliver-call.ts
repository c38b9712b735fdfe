import { randomUUID } from 'node:crypto';
import type { CallEvent, Json, Outcome } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Job } from 'bullmq';
import type { BusEvent } from '../bus-event.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import { busFailure } from './bus-failures.ts';
import { callsOf } from './call-job.ts';
import { isDeadlineTooFar, isWorthStarting } from './deadline.ts';
import { isSupportedVersion, type OpenedCall, openCall } from './envelope.ts';
import type { OpenEvents } from './event-sender.ts';
import type { TakeFence } from './fence.ts';
import type { SendReply } from './reply-sender.ts';
import type { RunningCalls } from './running-calls.ts';

export type DeliveredCall = {
  callId: string;
  tenant: string;
  body: Json;
  /** Unix milliseconds. */
  deadline: number;
  /** Fires at the deadline, when the caller cancels and when the worker has to go. */
  signal: AbortSignal;
  /** Tells the caller something before the outcome: in order, but maybe never heard. */
  notify(event: CallEvent): void;
  /**
   * Gives the place of this call in the worker to another one, for good: it is going to wait. Keeps it when too many
   * have done so. Its outcome is sent all the same; if the worker dies meanwhile, the caller learns at the deadline that
   * it is unknown.
   */
  leaveSlot(): void;
};

export type Handle = (call: DeliveredCall) => Promise<Outcome>;

export type Delivery = {
  /** One delivery of a job by BullMQ. */
  deliver(job: Job): Promise<void>;
  /** A job whose worker BullMQ has lost. */
  reportLoss(job: Job): Promise<void>;
  /** Resolves when every call that left its slot is answered. */
  idle(): Promise<void>;
};

export function createDelivery({
  queue,
  cipher,
  epoch,
  takeFence,
  sendReply,
  openEvents,
  running,
  handle,
  waitingMax,
  onEvent,
}: {
  queue: string;
  cipher: CallCipher;
  epoch: QueueEpoch;
  takeFence: TakeFence;
  sendReply: SendReply;
  openEvents: OpenEvents;
  running: RunningCalls;
  handle: Handle;
  /** Of calls that left their slot: each holds its arguments and what it got so far in memory. */
  waitingMax: number;
  onEvent: (event: BusEvent) => void;
}): Delivery {
  const workerId = randomUUID();
  let deliveries = 0;
  const waiting = new Set<Promise<void>>();
  /** Not BullMQ's token: one token serves many deliveries, and the same call twice must find its fence taken. */
  const nextOwner = () => `${workerId}:${deliveries++}`;

  function open(callId: string, envelope: unknown): OpenedCall | undefined {
    try {
      return openCall(cipher, queue, callId, envelope);
    } catch {
      // Nobody is answered: no caller stands behind it.
      onEvent({ type: 'envelope_rejected', callId });
      return undefined;
    }
  }

  /** Of one job: all of its calls, whatever becomes of one of them. */
  async function deliver(job: Job): Promise<void> {
    const queuedAt = job.timestamp;
    const calls = callsOf(job).flatMap(([callId, envelope]) => open(callId, envelope) ?? []);
    await allOf(calls.map((call) => deliverCall(call, queuedAt)));
  }

  /** Ends with the answer, or before it when the call leaves its slot. */
  async function deliverCall(call: OpenedCall, queuedAt: number): Promise<void> {
    const slot = Promise.withResolvers<void>();
    const answered = answer(call, queuedAt, () => {
      if (waiting.has(answered) || waiting.size >= waitingMax) return;
      waiting.add(answered);
      // Whoever gave the slot away does not hear of it any more.
      const ended = answered.catch((error) => onEvent({ type: 'queue_error', error }));
      void ended.then(() => waiting.delete(answered));
      slot.resolve();
    });
    await Promise.race([answered, slot.promise]);
  }

  async function answer(call: OpenedCall, queuedAt: number, leaveSlot: () => void): Promise<void> {
    // First, because without the fence nothing can be said of the call: another delivery may be running it.
    const isOurs = await takeFence({ ...call, owner: nextOwner() });
    if (!isOurs) return onEvent({ type: 'already_started', callId: call.callId });
    await sendReply(call, (await refusalOf(call, queuedAt)) ?? (await run(call, leaveSlot)));
  }

  async function refusalOf(call: OpenedCall, queuedAt: number): Promise<Outcome | undefined> {
    // Its first fence may have been lost together with the Redis that it was queued in.
    if (call.epoch !== (epoch.current ?? (await epoch.known()))) return busFailure('unknown', 'queue_restarted');
    if (!isSupportedVersion(call.v)) return busFailure('not_started', 'incompatible');
    if (isDeadlineTooFar(call.deadline)) return busFailure('not_started', 'invalid_request');
    if (!isWorthStarting({ deadline: call.deadline, queuedAt })) return busFailure('not_started', 'deadline_exceeded');
    return undefined;
  }

  function run(call: OpenedCall, leaveSlot: () => void): Promise<Outcome> {
    const { callId, tenant, body, deadline } = call;
    const notify = openEvents(call);
    return running.run({ callId, deadline }, (signal) =>
      handle({ callId, tenant, body, deadline, signal, notify, leaveSlot }),
    );
  }

  async function reportLoss(job: Job): Promise<void> {
    const calls = callsOf(job).flatMap(([callId, envelope]) => open(callId, envelope) ?? []);
    await allOf(calls.map(reportLostCall));
  }

  async function reportLostCall(call: OpenedCall): Promise<void> {
    // Who gets the fence now proves that the lost worker never got it.
    const isOurs = await takeFence({ ...call, owner: nextOwner() });
    const outcome = isOurs && call.epoch === (await epoch.known()) ? 'not_started' : 'unknown';
    const isFirst = await sendReply(call, busFailure(outcome, 'worker_lost'));
    // Of the calls of one job some may have been answered before the worker was lost.
    if (isFirst) onEvent({ type: 'worker_lost', callId: call.callId, outcome });
  }

  async function idle(): Promise<void> {
    await Promise.allSettled(waiting);
  }

  return { deliver, reportLoss, idle };
}

/** Waits for all, and then fails with the first that did. */
async function allOf(deliveries: Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(deliveries);
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}
