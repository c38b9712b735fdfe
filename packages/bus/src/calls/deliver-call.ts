import type { CallEvent, Json, Outcome, RunReport } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Job } from 'bullmq';
import type { BusEvent } from '../bus-event.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import { busFailure } from './bus-failures.ts';
import { isDeadlineTooFar, isWorthStarting } from './deadline.ts';
import { isSupportedVersion, knowsReports, type OpenedCall, openCall, type Reply } from './envelope.ts';
import type { Hearer, OpenEvents } from './event-sender.ts';
import type { TakeFence } from './fence.ts';
import type { Ask, OpenQuestions } from './open-questions.ts';
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
  /** For the caller, counted as it happens, so that a call that is stopped tells what it did. */
  report: RunReport;
  /** Tells the caller something before the outcome: in order, but maybe never heard. */
  notify(event: CallEvent): void;
  /** Asks the client behind the call, as far as its caller can. */
  ask: Ask;
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
  workerId,
  queue,
  cipher,
  epoch,
  takeFence,
  sendReply,
  openEvents,
  questions,
  running,
  handle,
  waitingMax,
  onEvent,
}: {
  workerId: string;
  queue: string;
  cipher: CallCipher;
  epoch: QueueEpoch;
  takeFence: TakeFence;
  sendReply: SendReply;
  openEvents: OpenEvents;
  questions: OpenQuestions;
  running: RunningCalls;
  handle: Handle;
  /** Of calls that left their slot: each holds its arguments and what it got so far in memory. */
  waitingMax: number;
  onEvent: (event: BusEvent) => void;
}): Delivery {
  let deliveries = 0;
  const waiting = new Set<Promise<void>>();
  /** Not BullMQ's token: one token serves many deliveries, and the same call twice must find its fence taken. */
  const nextOwner = () => `${workerId}:${deliveries++}`;

  function open(job: Job): OpenedCall | undefined {
    const callId = job.id ?? '';
    try {
      return openCall(cipher, queue, callId, job.data);
    } catch {
      // Nobody is answered: no caller stands behind it.
      onEvent({ type: 'envelope_rejected', callId });
      return undefined;
    }
  }

  /** Ends with the answer, or before it when the call leaves its slot. */
  async function deliver(job: Job): Promise<void> {
    const slot = Promise.withResolvers<void>();
    const answered = answer(job, () => {
      if (waiting.has(answered) || waiting.size >= waitingMax) return;
      waiting.add(answered);
      // Whoever gave the slot away does not hear of it any more.
      const ended = answered.catch((error) => onEvent({ type: 'queue_error', error }));
      void ended.then(() => waiting.delete(answered));
      slot.resolve();
    });
    await Promise.race([answered, slot.promise]);
  }

  async function answer(job: Job, leaveSlot: () => void): Promise<void> {
    const call = open(job);
    if (call === undefined) return;
    // First, because without the fence nothing can be said of the call: another delivery may be running it.
    const isOurs = await takeFence({ ...call, owner: nextOwner() });
    if (!isOurs) return onEvent({ type: 'already_started', callId: call.callId });
    const hearer: Hearer = { id: call.replyTo, wasHeld: false };
    const refusal = await refusalOf(call, job.timestamp);
    const reply = refusal === undefined ? await run(call, hearer, leaveSlot) : { outcome: refusal };
    // What BullMQ tells Redis next goes over the same connection, behind the reply, so it can leave with it.
    await sendReply(call, reply, hearer, leaveSlot);
  }

  async function refusalOf(call: OpenedCall, queuedAt: number): Promise<Outcome | undefined> {
    // Its first fence may have been lost together with the Redis that it was queued in.
    if (call.epoch !== (epoch.current ?? (await epoch.known()))) return busFailure('unknown', 'queue_restarted');
    if (!isSupportedVersion(call.v)) return busFailure('not_started', 'incompatible');
    if (isDeadlineTooFar(call.deadline)) return busFailure('not_started', 'invalid_request');
    if (!isWorthStarting({ deadline: call.deadline, queuedAt })) return busFailure('not_started', 'deadline_exceeded');
    return undefined;
  }

  async function run(call: OpenedCall, hearer: Hearer, leaveSlot: () => void): Promise<Reply> {
    const { callId, tenant, body, deadline } = call;
    const startedAt = performance.now();
    const report: RunReport = { upstreamMs: 0, upstreamRequests: 0 };
    const send = openEvents(call, hearer);
    const notify = (event: CallEvent) => void send(event);
    const outcome = await running.run({ callId, deadline }, (signal) => {
      const { ask, close } = questions.open(call, hearer, send, signal);
      return handle({ callId, tenant, body, deadline, signal, report, notify, ask, leaveSlot }).finally(close);
    });
    if (!knowsReports(call.v)) return { outcome };
    return { outcome, report: { ...report, executionMs: performance.now() - startedAt } };
  }

  async function reportLoss(job: Job): Promise<void> {
    const call = open(job);
    if (call === undefined) return;
    // Who gets the fence now proves that the lost worker never got it.
    const isOurs = await takeFence({ ...call, owner: nextOwner() });
    const outcome = isOurs && call.epoch === (await epoch.known()) ? 'not_started' : 'unknown';
    onEvent({ type: 'worker_lost', callId: call.callId, outcome });
    await sendReply(call, { outcome: busFailure(outcome, 'worker_lost') });
  }

  async function idle(): Promise<void> {
    await Promise.allSettled(waiting);
  }

  return { deliver, reportLoss, idle };
}
