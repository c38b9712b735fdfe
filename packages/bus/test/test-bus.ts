import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import { type Json, type Outcome, succeeded } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import {
  type BusEvent,
  type Caller,
  type CallerOptions,
  connectBus,
  createCaller,
  createWorker,
  type Worker,
  type WorkerOptions,
} from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { until } from './until.ts';
import type { ChildMessage, ChildOptions } from './worker-child.ts';

/** These times are short, so that a lost worker is found within a second or two. */
const locks = { lockDurationMs: 800, stalledIntervalMs: 400 };

/** A separate queue, with everything that a test opens on it; disposing it closes all of that. */
export type TestBus = AsyncDisposable & {
  readonly queue: string;
  readonly keyText: string;
  readonly redisUrl: string;
  /** A connection for inspecting Redis. */
  readonly redis: Redis;
  readonly events: BusEvent[];
  /** How often each call was run, in this process or in a child. */
  readonly runs: Map<string, number>;
  caller(options?: Partial<CallerOptions> & AtRedis): Promise<Caller>;
  worker(handle?: HandleCall, options?: Partial<WorkerOptions> & AtRedis): Promise<Worker>;
  child(options?: Partial<ChildOptions>): Promise<ChildProcess>;
  /** Must hold after every test: no call ran twice, no lease is left, every key of a call expires. */
  expectClean(): Promise<void>;
};

/** Another way to Redis than that of the test. */
type AtRedis = { redisUrl?: string };

export function openBus(redisUrl = process.env['REDIS_URL'] ?? ''): TestBus {
  const queue = `test-${randomUUID().slice(0, 8)}`;
  const keyText = `k1:${randomBytes(32).toString('base64')}`;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  redis.on('error', () => {});
  const events: BusEvent[] = [];
  const runs = new Map<string, number>();
  const closing: (() => unknown)[] = [];
  const common = {
    queue,
    keys: parseCallKeys(keyText),
    onEvent: (event: BusEvent) => void events.push(event),
  };
  /** Every caller and worker stands for a process, which has its own connections. */
  const connect = (url = redisUrl) => {
    const connection = connectBus({ redisUrl: url });
    closing.push(() => connection[Symbol.asyncDispose]());
    return connection;
  };
  const count = (callId: string) => runs.set(callId, (runs.get(callId) ?? 0) + 1);

  return {
    queue,
    keyText,
    redisUrl,
    redis,
    events,
    runs,
    caller: ({ redisUrl, ...options } = {}) => createCaller({ bus: connect(redisUrl), ...common, ...options }),
    async worker(handle = async ({ body }) => succeeded(body), { redisUrl, ...options } = {}) {
      const counted: HandleCall = (call) => {
        count(call.callId);
        return handle(call);
      };
      const worker = await createWorker({
        bus: connect(redisUrl),
        ...common,
        ...locks,
        handle: counted,
        ...options,
      });
      worker.run();
      return worker;
    },
    async child(options) {
      const settings: ChildOptions = { redisUrl, queue, keyText, ...locks, ...options };
      const child = fork(new URL('worker-child.ts', import.meta.url), [JSON.stringify(settings)], {
        execArgv: ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      closing.push(() => child.kill('SIGKILL'));
      child.on('message', (message: ChildMessage) => {
        if (message.type === 'started' && !settings.fetchOnly) count(message.callId);
      });
      await received(child, 'ready');
      return child;
    },
    async expectClean() {
      expect([...runs.values()].filter((times) => times > 1)).toEqual([]);
      await until(async () => (await redis.keys(`${keys.totalLeases(queue)}*`)).length === 0);
      for (const callId of runs.keys()) {
        for (const key of [keys.fence(queue, callId), keys.reply(queue, callId)]) {
          expect([key, await redis.pttl(key)]).not.toEqual([key, -1]);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing.reverse()) await close();
      redis.disconnect();
    },
  };
}

/** The next message of this type from a child. */
export async function received(child: ChildProcess, type: ChildMessage['type']): Promise<ChildMessage> {
  for (;;) {
    const [message] = await once(child, 'message');
    if ((message as ChildMessage).type === type) return message;
  }
}

export function inMs(ms: number): number {
  return Date.now() + ms;
}

/** A handler that runs until it is stopped, and the calls in which it was stopped. */
export function createHangingHandler(): {
  handle: HandleCall;
  started: string[];
  stopped: { callId: string; reason: unknown }[];
} {
  const started: string[] = [];
  const stopped: { callId: string; reason: unknown }[] = [];
  const handle: HandleCall = ({ callId, signal }) => {
    started.push(callId);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped.push({ callId, reason: signal.reason });
        reject(signal.reason);
      });
    });
  };
  return { handle, started, stopped };
}

/** What a caller learns about a call that has no result, without the human-readable text. */
export function failureOf(outcome: Outcome): Json {
  return outcome.ok ? 'done' : `${outcome.error.code}/${outcome.outcome}`;
}
