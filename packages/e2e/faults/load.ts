/*
 * The clients: they make calls at a constant rate, whether or not earlier calls have ended (open loop), drawn from a
 * seed. Calls with an idempotency key are repeated after every failure, others only after `not_started`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type CampaignKey, type CampaignRequest, type CampaignTarget, sendRequest } from './client.ts';
import type { ClientAttempt } from './journal.ts';
import type { Lag } from './lag.ts';
import { monotonicMs } from './monotonic.ts';
import { createRandom } from './random.ts';
import type { ToolName } from './tools.ts';

/** How many of a hundred calls are of each kind. */
const MIX: Readonly<Record<Exclude<ToolName, 'probe'> | 'book_trip, keyed', number>> = {
  read: 25,
  read_twice: 18,
  book: 10,
  book_trip: 17,
  'book_trip, keyed': 12,
  put_item: 10,
  report: 6,
  wait_long: 2,
};
const LEGACY_SHARE = 0.15;
const CANCELLED_SHARE = 0.06;
/** The share of completed keyed calls that the client repeats, like a client whose connection broke. */
const REPEATED_SHARE = 0.3;
const KEYED_ATTEMPTS_MAX = 6;
const RETRIES_MAX = 2;
const RETRY_MS = 400;
const TICK_MS = 10;
/** As many calls may be in flight as are made in this many seconds. */
export const RUNNING_SECONDS_MAX = 4;

type Call = Omit<CampaignRequest, 'id' | 'apiKey'> & { edgeIndex: number; number: number };

export type Load = {
  attempts: ClientAttempt[];
  /** Calls per second from now on. */
  rate: number;
  /** How many calls are in flight, including those that wait for a retry. */
  running(): number;
  /** Calls that were not made because too many were in flight: nobody answers while everything is frozen. */
  heldBack: number;
  /** Makes no new calls; resolves when the calls in flight have ended. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  seed: number;
  rate: number;
  lag: Lag;
  /** All edges. */
  targets: readonly CampaignTarget[];
  /** Chooses the API key of a call that is about to be made, for all its attempts. */
  chooseApiKey(number: number): CampaignKey;
};

export function startLoad({ seed, rate, lag, targets, chooseApiKey }: LoadOptions): Load {
  const draw = createCalls(seed, targets.length);
  const attempts: ClientAttempt[] = [];
  const running = new Set<Promise<void>>();
  const targetAt = (index: number) => {
    const target = targets[index % targets.length];
    if (target === undefined) throw new Error('there is no edge');
    return target;
  };

  async function attempt(call: Call, apiKey: CampaignKey, suffix: string, edgeIndex: number): Promise<ClientAttempt> {
    const { edgeIndex: _, number: __, ...request } = call;
    let poll = edgeIndex;
    const nextTarget = () => targetAt(poll++);
    const sent = await sendRequest({ ...request, apiKey, id: `${call.call}${suffix}` }, nextTarget(), nextTarget);
    const ended: ClientAttempt = { ...sent, lagMs: Math.round(lag.between(sent.sentAt, sent.endedAt)) };
    attempts.push(ended);
    return ended;
  }

  async function run(call: Call): Promise<void> {
    const apiKey = chooseApiKey(call.number);
    if (call.isKeyed) return runKeyed(call, apiKey);
    for (let retry = 0; ; retry += 1) {
      // A retry is another call for the upstream, so that what the client was told about each can be compared with what
      // was sent.
      const next = retry === 0 ? call : { ...call, call: `${call.call}r${retry}` };
      const { reported } = await attempt(next, apiKey, '', call.edgeIndex + retry);
      if (reported !== 'not_started' && reported !== 'unreached') return;
      if (retry === RETRIES_MAX || isStopping) return;
      await delay(RETRY_MS * (retry + 1));
    }
  }

  async function runKeyed(call: Call, apiKey: CampaignKey): Promise<void> {
    const isRepeated = createRandom(seed, `repeat ${call.number}`).next() < REPEATED_SHARE;
    let wasDone = false;
    for (let n = 0; n < KEYED_ATTEMPTS_MAX; n += 1) {
      const { reported } = await attempt(call, apiKey, `.${n}`, call.edgeIndex + n);
      if (reported === 'done' && (wasDone || !isRepeated)) return;
      wasDone = reported === 'done';
      if (isStopping) return;
      await delay(RETRY_MS * (n + 1));
    }
  }

  let isStopping = false;
  let owed = 0;
  let last = monotonicMs();
  const load: Load = {
    attempts,
    rate,
    running: () => running.size,
    heldBack: 0,
    async stop() {
      isStopping = true;
      clearInterval(timer);
      await Promise.all(running);
    },
  };
  const timer = setInterval(() => {
    const now = monotonicMs();
    // Calls that a busy machine could not make in time are not all made up for in one burst.
    owed += (Math.min(now - last, 200) * load.rate) / 1000;
    last = now;
    for (; owed >= 1; owed -= 1) {
      const isFull = running.size >= load.rate * RUNNING_SECONDS_MAX;
      if (isFull) load.heldBack += 1;
      if (isFull) continue;
      const ended = run(draw()).finally(() => running.delete(ended));
      running.add(ended);
    }
  }, TICK_MS);
  return load;
}

/** Returns a function that draws the calls of a seed, one after the other. */
export function createCalls(seed: number, edges: number): () => Call {
  const random = createRandom(seed, 'calls');
  let number = 0;
  return () => {
    const kind = random.choose(MIX);
    const isKeyed = kind === 'book_trip, keyed';
    const tool = isKeyed ? 'book_trip' : kind;
    const isLegacy = random.next() < LEGACY_SHARE;
    const isCancelled = random.next() < CANCELLED_SHARE;
    const cancelAfterMs = Math.round(random.between(20, 700));
    const edgeIndex = Math.floor(random.next() * edges);
    // Only modern clients support tasks, and only they cancel by closing the connection.
    const era = isLegacy && tool !== 'report' ? 'legacy' : 'modern';
    const leaves = isCancelled && era === 'modern' && !isKeyed && tool !== 'report';
    number += 1;
    const call = { call: `c${number}`, tool, era, isKeyed, edgeIndex, number } as const;
    return leaves ? { ...call, cancelAfterMs } : call;
  };
}
