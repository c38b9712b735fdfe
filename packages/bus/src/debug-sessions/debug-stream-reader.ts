import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type DebugCallEvent, type DebugEvent } from '@toolplane/contracts';
import { firstAttempt } from '../bus-connection.ts';
import { channels, keys as redisKeys } from '../keys.ts';
import type { NoteOptions } from '../notes/note-kinds.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import { createDebugEvents } from './debug-events.ts';

/** `id` is a position to continue from: events that the reader has not seen come after it. */
export type DebugStreamEntry = { id: string; event: DebugEvent };

/** `position` is where to continue reading. */
export type DebugStreamPage = { entries: DebugStreamEntry[]; position: string | undefined; isLast: boolean };

/** Every method rejects with `queue_unavailable` if Redis does not answer. */
export type DebugStreamReader = {
  /**
   * Keeps events of the session until `expiresAt` (Unix milliseconds). Repeating the call is harmless and restores what
   * Redis lost.
   */
  open(sessionId: string, expiresAt: number): Promise<void>;
  /**
   * The next events, at most 100, and how many can no longer be read. Undefined if no such session is open. Throws
   * `invalid_request` for an `after` that is not an id.
   */
  read(sessionId: string, after?: string): Promise<DebugStreamPage | undefined>;
  /** The events of one call that are still kept. */
  readCall(sessionId: string, callId: string): Promise<DebugCallEvent[]>;
  /**
   * Present and future events, until the session or `signal` ends. It continues automatically after Redis was
   * unavailable. All followers share one connection.
   */
  follow(sessionId: string, options: { after?: string; signal: AbortSignal }): AsyncGenerator<DebugStreamEntry, void>;
  /** Deletes the stream of the session, which ends its followers. */
  end(sessionId: string): Promise<void>;
};

const PAGE = 100;
const RETRY_MS = 1000;
const ID = /^(\d{1,16})-(\d{1,16})$/;

/** KEYS: stream. ARGV: now, end. The first entry does not belong to a run; it makes the stream exist. */
const OPEN = `
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('XADD', KEYS[1], ARGV[1] .. '-0', 'bytes', 0, 'sealed', '')
end
return redis.call('PEXPIREAT', KEYS[1], ARGV[2])`;

/** Used by the control plane. */
export async function createDebugStreamReader({ bus, keys }: NoteOptions): Promise<DebugStreamReader> {
  const redis = bus.documents;
  const openStream = defineScript(redis, 'toolplaneOpenDebugStream', OPEN);
  const events = createDebugEvents(keys);
  /** Functions that wake waiting followers, by session. */
  const waiting = new Map<string, Set<() => void>>();
  const wake = (sessionId: string) => {
    for (const resolve of waiting.get(sessionId) ?? []) resolve();
  };
  bus.messages.subscribe(channels.debugEvents, wake, () => {
    for (const sessionId of [...waiting.keys()]) wake(sessionId);
  });
  await firstAttempt(redis);

  async function read(sessionId: string, after?: string): Promise<DebugStreamPage | undefined> {
    if (after !== undefined && !ID.test(after)) throw new AppError('invalid_request', 'Not an event id');
    const stream = redisKeys.debug(sessionId);
    const start = after === undefined ? '-' : `(${after}`;
    const found = await orUnavailable(redis.xrange(stream, start, '+', 'COUNT', PAGE));
    if (found.length === 0 && (await orUnavailable(redis.exists(stream))) === 0) return undefined;
    const entries: DebugStreamEntry[] = [];
    let before = after;
    for (const [id, [, , , sealed = '']] of found) {
      entries.push(...findGap(before, id));
      const event = sealed === '' ? undefined : events.open(sessionId, sealed);
      if (event !== undefined) entries.push({ id, event });
      before = id;
    }
    return { entries, position: before, isLast: found.length < PAGE };
  }

  /** Resolves when there may be new events. */
  function nextWord(sessionId: string, signal: AbortSignal): { promise: Promise<void>; forget(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const others = waiting.get(sessionId) ?? new Set();
    waiting.set(sessionId, others.add(resolve));
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    const forget = () => {
      signal.removeEventListener('abort', onAbort);
      others.delete(resolve);
      if (others.size === 0 && waiting.get(sessionId) === others) waiting.delete(sessionId);
    };
    return { promise, forget };
  }

  async function* follow(
    sessionId: string,
    { after, signal }: { after?: string; signal: AbortSignal },
  ): AsyncGenerator<DebugStreamEntry, void> {
    let position = after;
    while (!signal.aborted) {
      // This starts before the read, so that no event in between is missed.
      const word = nextWord(sessionId, signal);
      try {
        const page = await read(sessionId, position).catch((thrown: unknown) => waitForRedis(thrown, signal));
        if (page === undefined) return;
        yield* page.entries;
        position = page.position ?? position;
        if (page.isLast && page.entries.length === 0) await word.promise;
      } finally {
        word.forget();
      }
    }
  }

  return {
    read,
    follow,
    async open(sessionId, expiresAt) {
      await orUnavailable(openStream([redisKeys.debug(sessionId)], [Date.now(), expiresAt]));
    },
    async readCall(sessionId, callId) {
      const ofCall: DebugCallEvent[] = [];
      for (let after: string | undefined; ; ) {
        const page = await read(sessionId, after);
        for (const { event } of page?.entries ?? []) {
          if (event.kind !== 'lost' && event.call_id === callId) ofCall.push(event);
        }
        if (page === undefined || page.isLast) return ofCall;
        after = page.position;
      }
    },
    async end(sessionId) {
      await orUnavailable(redis.del(redisKeys.debug(sessionId)));
      await orUnavailable(redis.publish(channels.debugEvents, sessionId));
    },
  };
}

/**
 * What a reader at `before` has missed when the next entry is `id`. After Redis lost a stream, its successor is a
 * different stream.
 */
function findGap(before: string | undefined, id: string): DebugStreamEntry[] {
  const [, made = '', seq = ''] = ID.exec(id) ?? [];
  const [, madeBefore = made, seqBefore = '0'] = ID.exec(before ?? '') ?? [];
  const isSame = made === madeBefore;
  const missing = Number(seq) - Number(seqBefore) - 1;
  if (isSame && missing < 1) return [];
  const event: DebugEvent = { kind: 'lost', at: Date.now(), ...(isSame ? { events: missing } : {}) };
  return [{ id: `${made}-${Math.max(0, Number(seq) - 1)}`, event }];
}

async function waitForRedis(thrown: unknown, signal: AbortSignal): Promise<DebugStreamPage> {
  if (!(thrown instanceof AppError) || thrown.code !== 'queue_unavailable') throw thrown;
  await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  return { entries: [], position: undefined, isLast: false };
}
