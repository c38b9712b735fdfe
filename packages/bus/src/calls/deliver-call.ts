import { setTimeout as delay } from 'node:timers/promises';
import type { CallEvent, Json, Outcome, RunReport } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { BusEvent } from '../bus-event.ts';
import type { QueueEpoch } from '../queue-epoch.ts';
import { busFailure } from './bus-failures.ts';
import { isDeadlineTooFar, isWorthStarting } from './deadline.ts';
import { isSupportedVersion, laysFences, type OpenedCall, openCall, type Reply } from './envelope.ts';
import type { OpenEvents, Recipient } from './event-sender.ts';
import type { RevokeFence, TakeFence } from './fence.ts';
import { HOLD_MS, type Hold, type Holds, type Moment, thisMoment } from './holds.ts';
import { openJob } from './job-calls.ts';
import { isBeside } from './job-worker.ts';
import type { Ask, PendingQuestions } from './pending-questions.ts';
import type { SendReply } from './reply-sender.ts';
import type { RunningCalls } from './running-calls.ts';
import { createShares, shareOf } from './share.ts';
import type { Slots } from './slots.ts';

export type DeliveredCall = {
  callId: string;
  tenant: string;
  /** The tenant, if the caller knows no organization. */
  organization: string;
  body: Json;
  /** Unix milliseconds. */
  deadline: number;
  /** Fires at the deadline, when the caller cancels, and when the worker has to stop or was declared lost. */
  signal: AbortSignal;
  /** Must be checked right before every external effect: a worker that was declared lost may not know it yet. */
  hold: Hold;
  /** The report for the caller, updated while the call runs, so that a stopped call reports what it did. */
  report: RunReport;
  /** Sends the caller an event before the outcome. Events arrive in order, but may be lost. */
  notify(event: CallEvent): void;
  /** Asks the client behind the call, if the caller supports that. */
  ask: Ask;
  /**
   * Frees the slot of this call for another one, permanently, because this call is going to wait. The call keeps its
   * slot if too many calls have left theirs. Its outcome is sent all the same; if the worker dies meanwhile, the caller
   * learns at the deadline that the outcome is unknown.
   */
  leaveSlot(): void;
};

export type HandleCall = (call: DeliveredCall) => Promise<Outcome>;

/** A job as BullMQ passes it. */
type Job = { id?: string | undefined; data: unknown; timestamp: number; token?: string | undefined };

export type Delivery = {
  /** Handles one delivery of a job by BullMQ. */
  deliver(job: Job): Promise<void>;
  /** Reports the loss of a job whose worker BullMQ considers lost. */
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
  revokeFence,
  sendReply,
  openEvents,
  questions,
  running,
  holds,
  slots,
  handle,
  waitingMax,
  onEvent,
}: {
  workerId: string;
  queue: string;
  cipher: CallCipher;
  epoch: QueueEpoch;
  takeFence: TakeFence;
  revokeFence: RevokeFence;
  sendReply: SendReply;
  openEvents: OpenEvents;
  questions: PendingQuestions;
  running: RunningCalls;
  holds: Holds;
  slots: Slots;
  handle: HandleCall;
  /** How many calls of one organization may have left their slots. Each keeps its arguments and results in memory. */
  waitingMax: number;
  onEvent: (event: BusEvent) => void;
}): Delivery {
  let deliveries = 0;
  const waiting = new Set<Promise<void>>();
  const waitingShares = createShares(waitingMax);
  /**
   * BullMQ's token is not used: one token serves many deliveries, and a call that is delivered twice must find its
   * fence taken.
   */
  const nextOwner = () => `${workerId}:${deliveries++}`;

  /** Opens the calls of a job, without those that no caller has sealed. */
  function open({ id = '', data }: Job): OpenedCall[] {
    const reject = (callId: string) => {
      // No reply is sent, because there is no caller.
      onEvent({ type: 'envelope_rejected', callId });
      return [];
    };
    const calls = openJob(id, data);
    if (calls === undefined) return reject(id);
    return calls.flatMap(({ callId, envelope }) => {
      try {
        return [openCall(cipher, queue, callId, envelope)];
      } catch {
        return reject(callId);
      }
    });
  }

  /** Calls `work` for each call of a job; a failure of one does not affect the others. */
  async function forEach(calls: OpenedCall[], work: (call: OpenedCall) => Promise<void>): Promise<void> {
    await Promise.all(calls.map((call) => work(call).catch((error) => onEvent({ type: 'queue_error', error }))));
  }

  async function deliver(job: Job): Promise<void> {
    const calls = open(job);
    const endJob = slots.takeJob(calls.length, isBeside(job) ? 'search' : 'bullmq');
    await forEach(calls, async (call) => {
      const endCall = await slots.takeCall(shareOf(call));
      await deliverCall(call, job.timestamp).finally(endCall);
    }).finally(endJob);
  }

  /** Resolves when the call is answered, or earlier if the call leaves its slot. */
  async function deliverCall(call: OpenedCall, queuedAt: number): Promise<void> {
    const slot = Promise.withResolvers<void>();
    const answered = answer(call, queuedAt, () => {
      const share = shareOf(call);
      if (waiting.has(answered) || !waitingShares.mayTake(share.organization, 1)) return;
      waiting.add(answered);
      const comeBack = waitingShares.take(share);
      // Nobody awaits a call that has left its slot, so its failure is reported here.
      const ended = answered.catch((error) => onEvent({ type: 'queue_error', error }));
      void ended.then(() => {
        waiting.delete(answered);
        comeBack();
      });
      slot.resolve();
    });
    await Promise.race([answered, slot.promise]);
  }

  async function answer(call: OpenedCall, queuedAt: number, leaveSlot: () => void): Promise<void> {
    // The fence comes first, because without it nothing is known about the call: another delivery may be running it.
    const taking = { owner: nextOwner(), at: thisMoment() };
    const fence = await takeFence({ ...call, ...taking, isLaid: laysFences(call.v) });
    if (fence === 'taken') onEvent({ type: 'already_started', callId: call.callId });
    if (fence === 'missing') onEvent({ type: 'fence_missing', callId: call.callId });
    if (fence !== 'ours') return;
    const hearer: Recipient = { id: call.replyTo, wasHeld: false };
    const refusal = await refusalOf(call, queuedAt);
    const reply = refusal === undefined ? await run(call, taking, hearer, leaveSlot) : { outcome: refusal };
    // The next command of BullMQ uses the same connection, after the reply, so both can be sent together.
    await sendReply(call, reply, hearer, leaveSlot);
  }

  async function refusalOf(call: OpenedCall, queuedAt: number): Promise<Outcome | undefined> {
    // The first fence of the call may have been lost together with the Redis in which it was queued.
    if (call.epoch !== (epoch.current ?? (await epoch.known()))) return busFailure('unknown', 'queue_restarted');
    if (!isSupportedVersion(call.v)) return busFailure('not_started', 'incompatible');
    if (isDeadlineTooFar(call.deadline)) return busFailure('not_started', 'invalid_request');
    if (!isWorthStarting({ deadline: call.deadline, queuedAt })) return busFailure('not_started', 'deadline_exceeded');
    // The worker may have been stopped while the call waited for a slot.
    const stopped = running.stoppedBy();
    return stopped === undefined ? undefined : busFailure('not_started', stopped);
  }

  async function run(
    call: OpenedCall,
    taking: { owner: string; at: Moment },
    hearer: Recipient,
    leaveSlot: () => void,
  ): Promise<Reply> {
    const { callId, tenant, body, deadline, epoch } = call;
    const startedAt = performance.now();
    const report: RunReport = { upstreamMs: 0, upstreamRequests: 0 };
    const send = openEvents(call, hearer);
    const notify = (event: CallEvent) => void send(event);
    const outcome = await running.run({ callId, deadline }, (signal) => {
      const { ask, close } = questions.open(call, hearer, send, signal);
      const hold = holds.open({ callId, epoch, signal, ...taking });
      const { organization } = shareOf(call);
      return handle({
        callId,
        tenant,
        organization,
        body,
        deadline,
        signal,
        hold,
        report,
        notify,
        ask,
        leaveSlot,
      }).finally(() => {
        hold.close();
        close();
      });
    });
    return { outcome, report: { ...report, executionMs: performance.now() - startedAt } };
  }

  async function reportLoss(job: Job): Promise<void> {
    await forEach(open(job), async (call) => {
      // The caller already has an outcome, perhaps the one that the lost worker sent long ago: fence and reply may be
      // gone by now.
      if (call.deadline <= Date.now()) return;
      const found = await revokeFence(call);
      if (found === 'cancelled') return;
      const outcome = found === 'queued' && call.epoch === (await epoch.known()) ? 'not_started' : 'unknown';
      // A worker that is only suspended may continue for this long before it reads its fences. A reply that it sends
      // meanwhile counts.
      if (outcome === 'unknown') await delay(HOLD_MS);
      const isFirst = await sendReply(call, { outcome: busFailure(outcome, 'worker_lost') });
      if (isFirst) onEvent({ type: 'worker_lost', callId: call.callId, outcome });
    });
  }

  async function idle(): Promise<void> {
    await Promise.allSettled(waiting);
  }

  return { deliver, reportLoss, idle };
}
