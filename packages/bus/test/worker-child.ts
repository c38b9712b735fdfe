import { type Outcome, succeeded } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { Worker as BullWorker } from 'bullmq';
import { Redis } from 'ioredis';
import { connectBus, createWorker, type DeliveredCall } from '../src/index.ts';
import { QUEUE_PREFIX, queueName } from '../src/keys.ts';

/*
 * A worker as a separate process that tests kill. It notifies its parent when it is ready and when a call starts. With
 * `fetchOnly`, it takes jobs as BullMQ does and then hangs, like a worker that died before it took the fence.
 */

export type ChildOptions = {
  redisUrl: string;
  queue: string;
  keyText: string;
  lockDurationMs: number;
  stalledIntervalMs: number;
  fetchOnly?: boolean;
  concurrency?: number;
  graceMs?: number;
};

/** The body of the calls that this worker runs. */
type Body = { blockMs?: number; waitMs?: number; leaves?: boolean; asks?: boolean; steps?: Steps };
/** `count` requests, one after the other, sent as a data plane sends them. */
type Steps = { url: string; count: number; pauseMs: number };

export type ChildMessage = { type: 'ready' } | { type: 'started'; callId: string };

const options: ChildOptions = JSON.parse(process.argv[2] ?? '');
const report = (message: ChildMessage) => process.send?.(message);
process.on('disconnect', () => process.exit(0));

if (options.fetchOnly) await fetchAndHang();
else await work();
report({ type: 'ready' });

async function work(): Promise<void> {
  const { redisUrl, keyText, graceMs = 5000, ...rest } = options;
  const bus = connectBus({ redisUrl });
  const worker = await createWorker({ bus, ...rest, keys: parseCallKeys(keyText), handle });
  worker.run();
  process.once('SIGTERM', async () => {
    await worker.close({ graceMs });
    await bus[Symbol.asyncDispose]();
    // From here on, the process must end on its own.
    process.removeAllListeners('disconnect');
    process.disconnect();
  });
}

async function handle({ callId, body, signal, hold, leaveSlot, ask }: DeliveredCall): Promise<Outcome> {
  report({ type: 'started', callId });
  const { blockMs = 0, waitMs, leaves, asks, steps } = body as Body;
  if (leaves) leaveSlot();
  if (asks) return succeeded(await ask({ method: 'roots/list', params: {} }, signal));
  for (let step = 1; step <= (steps?.count ?? 0); step += 1) {
    if (!hold.isStillOwner()) await hold.confirm();
    await fetch(`${steps?.url}/${step}`, { method: 'POST', signal });
    await new Promise((resolve) => setTimeout(resolve, steps?.pauseMs));
  }
  // The message must have been sent before the event loop is blocked.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const blockUntil = Date.now() + blockMs;
  while (Date.now() < blockUntil);
  if (waitMs !== undefined) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  return succeeded('finished');
}

async function fetchAndHang(): Promise<void> {
  const worker = new BullWorker(
    queueName(options.queue),
    async (job) => {
      report({ type: 'started', callId: job.id ?? '' });
      await new Promise(() => {});
    },
    {
      connection: new Redis(options.redisUrl, { maxRetriesPerRequest: null }),
      prefix: QUEUE_PREFIX,
      lockDuration: options.lockDurationMs,
      // The interval of all workers is the longest that any of them has set.
      stalledInterval: options.stalledIntervalMs,
    },
  );
  await worker.waitUntilReady();
}
