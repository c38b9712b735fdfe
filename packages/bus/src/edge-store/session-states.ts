import { AppError, type LogLevel, logLevelSchema } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { ChannelListeners } from '../channel-listeners.ts';
import { channels, hashOfId, keys } from '../keys.ts';
import { orUnavailable, queueUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import { type ByteAccount, type ByteLedger, LEDGER } from './byte-ledger.ts';
import type { PlaceCipher } from './place-cipher.ts';

const SUBSCRIPTIONS_MAX = 100;
const URI_LENGTH_MAX = 2048;

const sessionStateSchema = z.strictObject({
  isEnded: z.boolean(),
  logLevel: logLevelSchema.optional(),
  subscriptions: z.array(z.string()).readonly(),
  /** This and `abilities` exist only in sessions whose id is issued before the client sends them. */
  protocolVersion: z.string().optional(),
  abilities: z.array(z.string()).readonly().optional(),
});
/** What is stored of a session in addition to what its id contains. */
export type SessionState = z.infer<typeof sessionStateSchema>;

/** A session without changes; Redis has no record of it. */
const unchangedSession: SessionState = { isEnded: false, subscriptions: [] };

export type SessionChange = {
  isEnded?: true;
  logLevel?: LogLevel;
  subscribe?: string;
  unsubscribe?: string;
  protocolVersion?: string;
  abilities?: readonly string[];
};

const CACHED_MAX = 10_000;
const FRESH_MS = 60_000;
/** How soon Redis is read again after it did not answer. */
const RETRY_MS = 1000;
/** The maximum number of attempts. Each fails because another edge changed the same session. */
const TRIES_MAX = 50;

/**
 * KEYS: session, ledger. ARGV: value that was read ('' = none), its replacement, milliseconds, channel and name to
 * publish, budget ('' = none). Returns -1 if there are too many bytes.
 */
const SWAP = `${LEDGER}
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if isOver(KEYS[2], #ARGV[2], #ARGV[2] - #ARGV[1], ARGV[6]) then return -1 end
local leftMs = math.max(redis.call('PTTL', KEYS[1]), 0)
local keptMs = math.max(tonumber(ARGV[3]), leftMs)
charge(KEYS[2], -#ARGV[1], leftMs)
charge(KEYS[2], #ARGV[2], keptMs)
redis.call('SET', KEYS[1], ARGV[2], 'PX', keptMs)
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1`;

export type SessionStates = {
  /** For the hot path: the session if it is in memory and fresh. If undefined, use `getSession`. */
  peekSession(sessionId: string): SessionState | undefined;
  /**
   * Never rejects: while Redis is unavailable, it returns the last known state, or otherwise a session without changes.
   */
  getSession(sessionId: string): Promise<SessionState>;
  /**
   * Changes are kept for `ttlMs` after the last one. Rejects with `invalid_request` for more than 100 subscriptions, or
   * for one of more than 2,048 characters.
   */
  changeSession(sessionId: string, change: SessionChange, ttlMs: number, account?: ByteAccount): Promise<void>;
};

/** A copy is read again after a minute, when its session was changed, and when a change may have been missed. */
export function createSessionStates(
  redis: Redis,
  messages: ChannelListeners,
  cipher: PlaceCipher,
  ledger: ByteLedger,
): SessionStates {
  const swap = defineScript(redis, 'toolplaneSwapSession', SWAP);
  const cache = new LRUCache<string, { state: SessionState; freshUntil: number }>({ max: CACHED_MAX });
  const reading = new Map<string, Promise<SessionState>>();

  function open(hash: string, sealed: string | null): SessionState | undefined {
    if (sealed === null) return unchangedSession;
    const text = cipher.open('session', keys.session(hash), sealed);
    return text === undefined ? undefined : sessionStateSchema.safeParse(JSON.parse(text)).data;
  }

  function peek(hash: string): SessionState | undefined {
    const known = cache.get(hash);
    // An ended session never comes back, so its copy is valid whatever happens to Redis.
    return known !== undefined && (known.state.isEnded || known.freshUntil > Date.now()) ? known.state : undefined;
  }

  async function read(hash: string): Promise<{ state: SessionState; freshMs: number }> {
    const sealed = await redis.get(keys.session(hash)).catch(() => undefined);
    const state = sealed === undefined ? undefined : open(hash, sealed);
    if (state !== undefined) return { state, freshMs: FRESH_MS };
    return { state: cache.get(hash)?.state ?? unchangedSession, freshMs: RETRY_MS };
  }

  function readOnce(hash: string): Promise<SessionState> {
    const underWay = reading.get(hash);
    if (underWay !== undefined) return underWay;
    const started = read(hash).then(({ state, freshMs }) => {
      const isCurrent = reading.get(hash) === started;
      if (isCurrent) reading.delete(hash);
      // Otherwise the session was changed meanwhile, and the state that was read may be older than the known one.
      if (isCurrent || state.isEnded) cache.set(hash, { state, freshUntil: Date.now() + freshMs });
      return state;
    });
    reading.set(hash, started);
    return started;
  }

  function expire(hash: string): void {
    reading.delete(hash);
    const known = cache.get(hash);
    if (known !== undefined) known.freshUntil = 0;
  }

  function expireAll(): void {
    reading.clear();
    for (const known of cache.values()) known.freshUntil = 0;
  }

  async function change(sessionId: string, wanted: SessionChange, ttlMs: number, account?: ByteAccount): Promise<void> {
    const hash = hashOfId(sessionId);
    const key = keys.session(hash);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = await redis.get(key);
      const state = changedSession(open(hash, before) ?? unchangedSession, wanted);
      const sealed = cipher.seal('session', key, JSON.stringify(state));
      const isDone = await swap(
        [key, ...ledger.keysOf(account)],
        [before ?? '', sealed, ttlMs, channels.sessionChanges, hash, ledger.budgetOf(account)],
      );
      if (isDone === -1) ledger.refuse();
      if (isDone !== 1) continue;
      reading.delete(hash);
      // Not fresh: another edge may already have changed it again and announced that.
      cache.set(hash, { state, freshUntil: 0 });
      // Redis answers a change before it sends the message to the other edges. It has sent it by the time of its next
      // answer, so a client that moves on to another edge finds the session changed there. If Redis fails now, the
      // change was made nevertheless, and edges read everything again once they are subscribed again.
      await redis.exists(key).catch(() => {});
      return;
    }
    throw queueUnavailable();
  }

  messages.subscribe(channels.sessionChanges, expire, expireAll);

  return {
    peekSession: (sessionId) => peek(hashOfId(sessionId)),
    async getSession(sessionId) {
      const hash = hashOfId(sessionId);
      return peek(hash) ?? readOnce(hash);
    },
    changeSession: (sessionId, wanted, ttlMs, account) => orUnavailable(change(sessionId, wanted, ttlMs, account)),
  };
}

/** Throws `invalid_request` for too many subscriptions, or for one that is too long. */
function changedSession(state: SessionState, change: SessionChange): SessionState {
  if (state.isEnded || change.isEnded) return { isEnded: true, subscriptions: [] };
  const { isEnded: _isEnded, subscribe, unsubscribe, ...replacing } = change;
  if (subscribe !== undefined && subscribe.length > URI_LENGTH_MAX) {
    throw new AppError('invalid_request', `The URI of a subscription has at most ${URI_LENGTH_MAX} characters`);
  }
  const subscriptions = new Set(state.subscriptions);
  if (unsubscribe !== undefined) subscriptions.delete(unsubscribe);
  if (subscribe !== undefined) subscriptions.add(subscribe);
  if (subscriptions.size > SUBSCRIPTIONS_MAX) {
    throw new AppError('invalid_request', `A session has at most ${SUBSCRIPTIONS_MAX} subscriptions`);
  }
  return { ...state, ...replacing, subscriptions: [...subscriptions] };
}
