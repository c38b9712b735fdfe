import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { until } from './until.ts';

/*
 * What calls/job-worker.ts and calls/queue-depth.ts use of BullMQ beyond its documented interface. If one of these
 * tests fails after an upgrade, do not adapt the test alone: read the new Worker first, and adapt those two files.
 */

const prefix = 'contract';
const name = `contract-${randomUUID()}`;
const stack = new AsyncDisposableStack();
let redis: Redis;
let queue: Queue;
beforeAll(() => {
  redis = stack.adopt(new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null }), (it) =>
    it.disconnect(),
  );
  queue = stack.adopt(new Queue(name, { connection: redis, prefix }), async (it) => {
    await it.obliterate({ force: true });
    await it.close();
  });
});
afterAll(() => stack.disposeAsync());

function requireOfBullMq(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`This version of BullMQ is not compatible with job-worker.ts: ${what}`);
}

/** Fetches jobs as BullMQ does, and counts them. */
class FetchCounter extends Worker {
  fetched: [token: string, jobId: string | undefined][] = [];
  leavesEmpty = false;

  protected override async moveToActive(token: string, workerName?: string): Promise<Job> {
    const job = this.leavesEmpty ? await this.nextJobFromJobData() : await super.moveToActive(token, workerName);
    this.fetched.push([token, job?.id]);
    return job;
  }
}

async function openWorker(process: (job: Job) => Promise<unknown>, connection = redis): Promise<FetchCounter> {
  const worker = new FetchCounter(name, process, { connection, prefix, autorun: false, drainDelay: 1 });
  await worker.waitUntilReady();
  return worker;
}

test.each([
  ['moveToActive', 2, 'it overrides this to ask with each job whether others wait'],
  ['nextJobFromJobData', 3, 'it calls this without a job to make the loop wait'],
  ['processJob', 2, 'it runs jobs outside the loop with it'],
  ['pause', 1, 'it makes the loop look for jobs by pausing and resuming'],
  ['resume', 0, 'it makes the loop look for jobs by pausing and resuming'],
])('Worker.%s exists with %d parameters', (method, parameters, why) => {
  const found: unknown = Reflect.get(Worker.prototype, method);
  requireOfBullMq(typeof found === 'function', `Worker has no ${method}; ${why}`);
  const { length } = found as (...args: unknown[]) => unknown;
  requireOfBullMq(length === parameters, `${method} takes ${length} parameters, not ${parameters}; ${why}`);
});

test('the loop of a worker fetches each job with the overridden method', async () => {
  const done: unknown[] = [];
  const worker = await openWorker(async ({ id }) => done.push(id));
  const { id } = await queue.add('organization', {}, { removeOnComplete: true });
  void worker.run();
  await until(() => done.length === 1);
  await worker.close();
  const [token] = worker.fetched.find(([, jobId]) => jobId === id) ?? [];
  requireOfBullMq(token !== undefined, 'the loop does not fetch jobs with moveToActive(token)');
  expect(done).toEqual([id]);
});

test('a worker that is told that there is no job waits for one, instead of asking again', async () => {
  const connection = redis.duplicate();
  const worker = await openWorker(async () => undefined, connection);
  worker.leavesEmpty = true;
  void worker.run();
  await until(() => worker.fetched.length > 0);
  const askedBefore = worker.fetched.length;
  // Its wait of a second must end before it asks again.
  const from = performance.now();
  await until(() => worker.fetched.length > askedBefore);
  const waitedMs = performance.now() - from;
  await worker.close();
  connection.disconnect();
  requireOfBullMq(waitedMs > 300, 'nextJobFromJobData() without a job does not make the loop wait');
});

test('a worker processes a job that was fetched outside its loop, and does not fetch another one for it', async () => {
  const done: unknown[] = [];
  const worker = await openWorker(async ({ id }) => done.push(id));
  const jobs = await queue.addBulk(
    ['a', 'b'].map((job) => ({ name: job, data: {}, opts: { removeOnComplete: true } })),
  );
  const fetch: (token: string) => Promise<Job> = Reflect.get(worker, 'moveToActive');
  const job = await fetch.call(worker, 'token');
  requireOfBullMq(job?.id === jobs[0]?.id, 'moveToActive(token) does not return the next job');
  const next = await worker.processJob(job, 'token', () => false);
  requireOfBullMq(next === undefined, 'processJob(job, token, () => false) fetches another job');
  expect(done).toEqual([jobs[0]?.id]);
  await worker.close();
  await queue.drain();
});

test('jobs and queues have the keys and fields that our scripts read', async () => {
  const { id = '' } = await queue.add('organization', {});
  const ids = await redis.lrange(queue.toKey('wait'), 0, -1);
  requireOfBullMq(ids.includes(id), 'waiting jobs are not in the list at toKey("wait")');
  requireOfBullMq((await redis.exists(queue.toKey('marker'))) === 1, 'toKey("marker") does not wake up workers');
  const [jobName, timestamp] = await redis.hmget(queue.toKey(id), 'name', 'timestamp');
  requireOfBullMq(jobName === 'organization', 'the hash of a job has no name');
  requireOfBullMq(Number(timestamp) > 0, 'the hash of a job has no timestamp');
  const worker = await openWorker(async () => undefined);
  const fetch: (token: string) => Promise<Job> = Reflect.get(worker, 'moveToActive');
  const job = await fetch.call(worker, 'token');
  const active = await redis.lrange(queue.toKey('active'), 0, -1);
  requireOfBullMq(active.includes(id), 'running jobs are not in the list at toKey("active")');
  await job.moveToCompleted(0, 'token', false);
  await worker.close();
});
