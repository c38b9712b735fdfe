/*
 * The calling side of the bus between the planes. BullMQ only carries a call to a worker: what became of the call is
 * decided by its fence and reported by its reply, never by the state of a job.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '@toolplane/contracts';
import { type CallKeys, createCallCipher } from '@toolplane/sealing';
import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import type { BusEvent } from '../bus-event.ts';
import { holdWritesByTick } from '../hold-writes.ts';
import { keys } from '../keys.ts';
import { watchQueueEpoch } from '../queue-epoch.ts';
import { queueUnavailable } from '../queue-unavailable.ts';
import { createMessageAcceptor } from './accept-message.ts';
import { createAdmission } from './admission.ts';
import { type BusFailureCode, busFailure } from './bus-failures.ts';
import { createCallQueue } from './call-queue.ts';
import type { CallRequest } from './call-request.ts';
import { isDeadlineTooFar } from './deadline.ts';
import { createFenceLayer, createGiveUp } from './fence.ts';
import { endOf, type GoOn, type GoOnRequest, refusedOutcome, roundOf, sendGoOn, stillHeld } from './go-on.ts';
import type { HeldCall } from './held-call.ts';
import { HOLD_MS } from './holds.ts';
import { createPendingCalls, type PendingCall } from './pending-calls.ts';
import { type QueueDepth, readQueueDepth } from './queue-depth.ts';
import { receiveReplies } from './reply-receiver.ts';
import { createSendCall } from './send-call.ts';
import { createSentCalls, type SentCall, type SentCalls } from './sent-calls.ts';
import { organizationOf, WEIGHT } from './share.ts';
import { createStreamedQuestions } from './streamed-questions.ts';
import { createSuspendedQuestions, type SuspendedQuestions } from './suspended-questions.ts';

/** A worker stops at the deadline; its reply may take this long to arrive. */
const REPLY_MS_AFTER_DEADLINE = 400;
/** How long giving up may take, so that every call has its outcome within a second after its deadline. */
const GIVE_UP_MS_MAX = 500;
const STOP_AGAIN_MS = 250;

export type Caller = SentCalls & {
  /** Resolves at the latest 1 s after the deadline, with an outcome for every fault; never rejects. */
  call(request: CallRequest): Promise<Outcome>;
  /** Like `call`, but continues a held call. */
  goOn: GoOn;
  /** Returns what to record of a call before it is made. Throws `queue_unavailable` while Redis is unavailable. */
  describe(callId: string, tenant: string, deadline: number): SentCall;
  isReady(): boolean;
  /** The run of Redis that this caller is connected to. */
  epoch(): string | undefined;
  /** The number of its calls that are in progress. */
  running(): number;
  /** Rejects while Redis is unavailable. */
  depth(): Promise<QueueDepth>;
  /**
   * The number of leases of all callers, for a while including those of a caller that died. Rejects while Redis is
   * unavailable.
   */
  leases(): Promise<number>;
  /** Refuses new calls; calls in progress get `drainMs` to end. Closing the bus does so, too, without that time. */
  close(options?: { drainMs?: number }): Promise<void>;
};

export type CallerOptions = {
  /** On which the queue has no other caller. */
  bus: BusConnection;
  queue: string;
  keys: CallKeys;
  tenantInFlightMax?: number;
  /** Limits an organization in addition to its share. */
  organizationInFlightMax?: number | undefined;
  totalInFlightMax?: number;
  /** The weights of organizations. An organization that is missing has the weight 1. */
  weights?: ReadonlyMap<string, number> | undefined;
  onEvent?: (event: BusEvent) => void;
};

/** Resolves when Redis answered or failed for the first time; `isReady` says which. */
export async function createCaller(options: CallerOptions): Promise<Caller> {
  const { bus, queue, onEvent = () => {} } = options;
  const callerId = randomUUID();
  const cipher = createCallCipher(options.keys);
  const { redis, replies: listeners } = bus.forCaller(queue);
  const holdWrites = holdWritesByTick(redis);
  const pending = createPendingCalls();
  const accept = createMessageAcceptor({ queue, cipher, pending, onEvent });
  const admission = createAdmission(redis, holdWrites, {
    queue,
    tenantMax: options.tenantInFlightMax ?? 20,
    organizationMax: options.organizationInFlightMax ?? Number.MAX_SAFE_INTEGER,
    totalMax: options.totalInFlightMax ?? 400,
    weightOf,
  });
  const layFences = createFenceLayer(redis, queue);
  const callQueue = createCallQueue(redis, holdWrites, queue, layFences, (error) =>
    onEvent({ type: 'queue_error', error }),
  );
  const cancelFence = createGiveUp(redis, queue);
  const replies = receiveReplies({
    redis,
    replies: listeners,
    queue,
    callerId,
    awaited: pending.ids,
    onMessage: accept,
  });
  const epoch = watchQueueEpoch(redis, onEvent, (current) => {
    callQueue.open();
    for (const call of pending.all()) {
      if (call.epoch === undefined || call.epoch === current) continue;
      // By then, the worker has read its fence, or sends nothing more.
      setTimeout(() => call.settle(busFailure('unknown', 'queue_restarted')), HOLD_MS);
    }
    void replies.recover();
  });
  const sentCalls = createSentCalls({
    redis,
    queue,
    cipher,
    epoch,
    cancelFence,
    onEvent,
    removeJob: (callId) => callQueue.remove({ callId }),
  });
  const sendCall = createSendCall({ queue, callerId, cipher, admission, callQueue, epoch, giveUp });
  let closing: Promise<void> | undefined;

  function weightOf(organization: string): number {
    return options.weights?.get(organization) ?? WEIGHT;
  }

  function call(request: CallRequest): Promise<Outcome> {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return Promise.resolve(busFailure('not_started', refusal));
    return new Promise((resolve) => {
      const { callId = randomUUID(), tenant, organization = tenant, deadline, onEvent, onQuestion, onHeld } = request;
      const isKept = request.keepReplyMs !== undefined;
      const routing = { queue, callId, tenant, replyTo: callerId };
      const questions =
        onHeld === undefined
          ? createStreamedQuestions({ redis, cipher, routing, onQuestion })
          : createSuspendedQuestions({ redis, cipher, routing, round: 1, onHeld: (held) => hold(call, held, onHeld) });
      const described = { callId, tenant, organization, replyTo: callerId, deadline, isKept, onEvent, questions };
      const call = wait(described, request, resolve);
      void sendCall(call, request);
    });
  }

  /** Waits for the outcome, the deadline or the signal. */
  function wait(
    described: Parameters<typeof pending.add>[0],
    { signal, onReport }: Pick<CallRequest, 'signal' | 'onReport'>,
    resolve: (outcome: Outcome) => void,
  ): PendingCall {
    const call = pending.add(described, (settled, outcome, reported) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (settled.lease !== undefined) admission[settled.isReceived ? 'release' : 'giveBack'](settled.lease);
      if (reported !== undefined) onReport?.(reported);
      resolve(outcome);
    });
    const onAbort = () => void giveUp(call, 'cancelled');
    signal?.addEventListener('abort', onAbort);
    const waitMs = described.deadline - Date.now() + REPLY_MS_AFTER_DEADLINE;
    const timer = setTimeout(() => void giveUp(call, 'deadline_exceeded'), waitMs);
    return call;
  }

  /** Lets the call and its lease continue without this caller. */
  function hold(call: PendingCall, held: SuspendedQuestions, onHeld: NonNullable<CallRequest['onHeld']>): void {
    const { callId, tenant, replyTo, deadline, epoch = '', lease } = call;
    const { worker, round, inputRequests } = held;
    const kept = lease === undefined ? {} : { lease: { id: lease.id, expiresAt: lease.expiresAt } };
    onHeld({ callId, tenant, replyTo, deadline, epoch, worker, round, ...kept });
    call.lease = undefined;
    call.settle({ ok: true, outcome: 'input_required', inputRequests });
  }

  function goOn(held: HeldCall, request: GoOnRequest): Promise<Outcome> {
    if (closing !== undefined) return Promise.resolve(stillHeld('shutting_down'));
    if (epoch.current === undefined) return Promise.resolve(stillHeld('queue_unavailable'));
    // The fence of the call may be gone, which would prove nothing.
    if (held.deadline <= Date.now()) return endOf(held, sentCalls.find);
    return new Promise((resolve) => {
      const { callId, tenant, replyTo, deadline, lease } = held;
      const { answers, onEvent, onHeld = () => {} } = request;
      const organization = (lease && organizationOf(lease)) ?? tenant;
      const [round, routing] = [roundOf(held), { queue, callId, tenant, replyTo }];
      let isTaken = false;
      const next = createSuspendedQuestions({
        redis,
        cipher,
        routing,
        round: round + 1,
        onHeld: (again) => hold(call, again, onHeld),
      });
      const handleAnswer: typeof next.handleAnswer = (answer) => {
        if (answer.round !== round) return next.handleAnswer(answer);
        isTaken = true;
        if (answer.refusal === undefined) return;
        call.lease = undefined;
        call.settle(refusedOutcome(answer.refusal));
      };
      const questions = { ...next, handleAnswer };
      const described = { callId, tenant, organization, replyTo, deadline, isKept: false, onEvent, questions };
      const call = wait(described, request, resolve);
      call.epoch = held.epoch;
      call.lease = lease && { ...lease, tenant, organization, weight: weightOf(organization) };
      if (request.signal?.aborted) return void giveUp(call, 'cancelled');
      void sendGoOn(call, held, {
        redis,
        queue,
        callerId,
        cipher,
        answers,
        giveUp,
        find: sentCalls.find,
        isTaken: () => isTaken,
      });
    });
  }

  function refusalOf({ deadline, signal }: CallRequest): BusFailureCode | undefined {
    if (closing !== undefined) return 'shutting_down';
    if (signal?.aborted) return 'cancelled';
    if (deadline <= Date.now()) return 'deadline_exceeded';
    if (isDeadlineTooFar(deadline)) return 'invalid_request';
    // Nothing is known about a Redis that is unavailable, so the call does not wait for it.
    return epoch.current === undefined ? 'queue_unavailable' : undefined;
  }

  async function giveUp(call: PendingCall, code: BusFailureCode): Promise<void> {
    if (call.epoch === undefined) return call.settle(busFailure('not_started', code));
    const stayUnknown = () => {
      if (call.isSettled) return;
      call.settle(busFailure('unknown', code));
      void stopLater(call);
    };
    const timer = setTimeout(stayUnknown, GIVE_UP_MS_MAX);
    try {
      const fence = await cancelFence(call);
      if (fence.state === 'answered') accept(fence.reply, true);
      if (fence.state === 'cancelled') callQueue.remove(call);
      call.settle(busFailure(fence.state === 'cancelled' ? 'not_started' : 'unknown', code));
    } catch {
      stayUnknown();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Used for a call that was given up while Redis did not answer: its worker is notified when Redis is back. */
  async function stopLater(call: PendingCall): Promise<void> {
    while (call.deadline > Date.now()) {
      await delay(STOP_AGAIN_MS, undefined, { ref: false });
      await epoch.known();
      if (await cancelFence(call).then(Boolean, () => false)) return;
    }
  }

  function describe(callId: string, tenant: string, deadline: number): SentCall {
    if (epoch.current === undefined) throw queueUnavailable();
    return { callId, tenant, replyTo: callerId, deadline, epoch: epoch.current };
  }

  /** Lets the call continue with its lease, which its worker returns. */
  function leave(call: PendingCall): void {
    call.lease = undefined;
    call.settle(busFailure('unknown', 'shutting_down'));
  }

  async function end(drainMs: number): Promise<void> {
    await pending.emptied(drainMs);
    await Promise.all(
      pending
        .all()
        .map((call) => (call.isKept && call.epoch !== undefined ? leave(call) : giveUp(call, 'shutting_down'))),
    );
    await admission.close();
    await callQueue.close();
    epoch.leave();
    // A worker that ends a call of this caller later must see that nobody receives the reply: then it returns the lease.
    redis.disconnect();
    listeners.redis.disconnect();
  }

  function close({ drainMs = 0 } = {}): Promise<void> {
    closing ??= end(drainMs);
    return closing;
  }

  bus.onClose(close);
  await firstAttempt(redis, epoch.known());
  return {
    call,
    describe,
    ...sentCalls,
    goOn,
    isReady: () => epoch.current !== undefined,
    epoch: () => epoch.current,
    running: () => pending.all().length,
    depth: () => readQueueDepth(redis, queue),
    leases: () => redis.zcard(keys.totalLeases(queue)),
    close,
  };
}
