/*
 * The executing side of the bus between the planes. Each delivery of a call must take its fence before anything
 * happens, so a call starts at most once, whatever BullMQ, a restart or a replay does.
 */
import { randomUUID } from 'node:crypto';
import { type CallKeys, createCallCipher } from '@toolplane/sealing';
import { type Job, UnrecoverableError } from 'bullmq';
import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import type { BusEvent } from '../bus-event.ts';
import { holdWritesByTick } from '../hold-writes.ts';
import { channels, QUEUE_PREFIX, queueName } from '../keys.ts';
import { watchQueueEpoch } from '../queue-epoch.ts';
import { createRefusals } from '../redis-refusals.ts';
import { createDelivery, type HandleCall } from './deliver-call.ts';
import { createEventSender } from './event-sender.ts';
import { createFenceRevoker, createFenceTaker } from './fence.ts';
import { createHolds } from './holds.ts';
import { JobWorker } from './job-worker.ts';
import { createPendingQuestions } from './pending-questions.ts';
import { createReplySender } from './reply-sender.ts';
import { createRunningCalls } from './running-calls.ts';
import { createSlots } from './slots.ts';

/** How long a handler has to stop after its signal fired, before a reply is sent in its place. */
const STOP_MS = 1000;
const CONCURRENCY = 50;
/** How long until calls are fetched again after Redis refused to return one: BullMQ itself would try again at once. */
const REFUSED_MS = 1000;
/** How many calls of an organization may wait outside their slots, for each slot. */
const WAITING_PER_SLOT = 4;
/** How many of these calls may be held until their clients come back, for each slot. */
const HELD_PER_SLOT = 2;

export type Worker = {
  /** Starts fetching calls. */
  run(): void;
  isReady(): boolean;
  /** The run of Redis that this worker is connected to. */
  epoch(): string | undefined;
  /** The number of calls in progress, including those that left their slot. */
  running(): number;
  /**
   * Fetches no more calls; running calls get `graceMs` to end and are then stopped. Closing the bus does so, too,
   * without that time.
   */
  close(options: { graceMs: number }): Promise<void>;
};

export type WorkerOptions = {
  /** On which the queue has no other worker. */
  bus: BusConnection;
  queue: string;
  keys: CallKeys;
  /**
   * How many calls run at the same time, of one organization or of all that have their share. Half as many slots are
   * kept in addition for organizations that have less than their share. Calls that left their slot to wait do not
   * count: an organization may have four times as many of these.
   */
  concurrency?: number;
  /** A worker that does not renew its locks for this long is considered lost, dead or not. */
  lockDurationMs?: number;
  stalledIntervalMs?: number;
  handle: HandleCall;
  onEvent?: (event: BusEvent) => void;
};

/** Resolves when Redis answered or failed for the first time; `isReady` says which. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { bus, queue, concurrency = CONCURRENCY, onEvent = () => {} } = options;
  const onError = (error: unknown) => onEvent({ type: 'queue_error', error });
  const cipher = createCallCipher(options.keys);
  const redis = bus.forWorker(queue);
  const holdWrites = holdWritesByTick(redis);
  const epoch = watchQueueEpoch(redis, onEvent);
  const running = createRunningCalls((callId, error) => onEvent({ type: 'handler_failed', callId, error }));
  const workerId = randomUUID();
  const questions = createPendingQuestions({ workerId, cipher, heldMax: HELD_PER_SLOT * concurrency, onEvent });
  const slots = createSlots(concurrency, {
    allowJobs: (jobs) => {
      bull.concurrency = jobs;
    },
    pollJobs: () => void pollJobs().catch(onError),
    search: async (wanted) => {
      if (rest !== undefined || epoch.current === undefined) return 0;
      return bull.takeFairly(wanted).catch((error) => {
        if (redis.status === 'ready' && !refusals.note(error)) onError(error);
        return 0;
      });
    },
  });
  const delivery = createDelivery({
    workerId,
    queue,
    cipher,
    epoch,
    running,
    holds: createHolds({ redis, queue, epoch, stop: running.stop }),
    slots,
    questions,
    onEvent,
    takeFence: createFenceTaker(redis, holdWrites, queue),
    revokeFence: createFenceRevoker(redis, queue, 'worker'),
    sendReply: createReplySender(redis, holdWrites, cipher),
    openEvents: createEventSender(redis, holdWrites, cipher),
    handle: options.handle,
    waitingMax: WAITING_PER_SLOT * concurrency,
  });

  const stopListening = [
    bus.messages.subscribe(channels.cancel(queue), (callId) => running.stop(callId, 'cancelled')),
    bus.messages.subscribe(channels.answers(queue, workerId), questions.accept),
  ];

  // What a processor returns or throws is copied into Redis, so it returns 0 and throws nothing.
  const deliver = (job: Job) =>
    delivery
      .deliver(job)
      .catch(onError)
      .then(() => 0);
  const bull = new JobWorker(queueName(queue), deliver, {
    redis,
    holdWrites,
    prefix: QUEUE_PREFIX,
    autorun: false,
    concurrency: slots.jobsAllowed(),
    lockDuration: options.lockDurationMs ?? 10_000,
    stalledInterval: options.stalledIntervalMs ?? 5000,
    // A lost call is never run again; the worker that finds it reports the loss. Nothing else makes a job fail.
    maxStalledCount: 0,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    runRetryDelay: 500,
    // A worker that is cut off can consume the wake-up for a job; another one then finds the job after this many
    // seconds.
    drainDelay: 1,
  });
  let closing: Promise<void> | undefined;

  const refusals = createRefusals(onEvent);
  let rest: NodeJS.Timeout | undefined;

  /** Stops fetching for a while. A worker that does so is not ready. */
  function pauseFetching(): void {
    if (rest !== undefined || closing !== undefined) return;
    rest = setTimeout(() => {
      rest = undefined;
      if (closing === undefined) void bull.resume().catch(onError);
    }, REFUSED_MS);
    void bull.pause(true).catch(onError);
  }

  /**
   * Makes BullMQ look for jobs: on its own, it only looks when one of its jobs has ended. While it has a job, its loop
   * cannot end.
   */
  async function pollJobs(): Promise<void> {
    if (rest !== undefined || closing !== undefined || !bull.isRunning()) return;
    await bull.pause(true);
    if (rest === undefined && closing === undefined) await bull.resume();
  }

  redis.on('error', (error) => refusals.note(error));
  bull.on('error', (error) => {
    // While Redis is unavailable, every error is about that, and the loss is already reported.
    if (redis.status !== 'ready') return;
    if (refusals.note(error)) pauseFetching();
    else onError(error);
  });
  bull.on('failed', (job, error) => {
    if (job !== undefined && error instanceof UnrecoverableError) delivery.reportLoss(job).catch(onError);
  });

  /** Waits for Redis, because BullMQ cannot be closed while it waits for its first connection. */
  async function start(): Promise<void> {
    await epoch.known();
    if (closing === undefined) await bull.run().catch(onError);
  }

  async function end(graceMs: number): Promise<void> {
    clearTimeout(rest);
    slots.close();
    const overdue = Promise.withResolvers<void>();
    const timers = [
      setTimeout(running.stopAll, graceMs, 'shutting_down'),
      setTimeout(running.abandonAll, graceMs + STOP_MS, 'shutting_down'),
      setTimeout(overdue.resolve, graceMs + 2 * STOP_MS),
    ];
    await Promise.race([endBull(overdue.promise), overdue.promise]);
    for (const timer of timers) clearTimeout(timer);
    // Without Redis, jobs that were taken out of their order never end, and the timer for their locks would keep the
    // process alive.
    void bull.close(true).catch(onError);
    epoch.leave();
    redis.disconnect();
    // Whoever sends an answer must see that nobody receives it.
    for (const stop of stopListening) stop();
  }

  function close({ graceMs }: { graceMs: number }): Promise<void> {
    closing ??= end(graceMs);
    return closing;
  }

  /** Without Redis, BullMQ can neither finish jobs nor close, so it has until Redis is back. */
  async function endBull(overdue: Promise<void>): Promise<void> {
    if (bull.isRunning()) await Promise.race([epoch.known(), overdue]);
    await bull.endBeside();
    await bull.close(epoch.current === undefined);
    await delivery.idle();
  }

  bus.onClose(() => close({ graceMs: 0 }));
  await firstAttempt(redis, epoch.known());
  return {
    run: () => void start(),
    isReady: () => epoch.current !== undefined && rest === undefined && bull.isRunning(),
    epoch: () => epoch.current,
    running: running.count,
    close,
  };
}
