import { AppError } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { ChannelListeners } from '../channel-listeners.ts';
import { channels, hashOfId, keys } from '../keys.ts';
import { orUnavailable, queueUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import { type ByteAccount, type ByteLedger, LEDGER } from './byte-ledger.ts';
import type { PlaceCipher } from './place-cipher.ts';

/** A larger event is refused: `payload_too_large`. */
export const STREAM_EVENT_BYTES_MAX = 1 << 20;
const EVENTS_MAX = 256;
/**
 * The maximum size of all sealed events of a stream. The last event is always kept; it exceeds this by a third at most,
 * because sealing makes an event that much longer.
 */
const BYTES_MAX = 1 << 20;
/** The number of streams whose last `seq` is remembered, which saves a request per event. */
const REMEMBERED_MAX = 10_000;
/** The maximum number of attempts. Each fails because another edge wrote to the same stream. */
const TRIES_MAX = 50;

/**
 * The writer seals its event for one position, so it passes that position, and is refused if it is not the next one.
 *
 * KEYS: stream, ledger. ARGV: seq, event, milliseconds, channel, budget. Returns the previous last seq, or -1 if there
 * are too many bytes. Events that are dropped from a stream count until they would have expired.
 */
const APPEND = `${LEDGER}
local stream, seq = KEYS[1], tonumber(ARGV[1])
local last = tonumber(redis.call('HGET', stream, 'last') or 0)
if seq ~= last + 1 then return last end
if isOver(KEYS[2], #ARGV[2], #ARGV[2], ARGV[5]) then return -1 end
charge(KEYS[2], #ARGV[2], tonumber(ARGV[3]))
redis.call('HSET', stream, 'last', seq, seq, ARGV[2])
local bytes = redis.call('HINCRBY', stream, 'bytes', #ARGV[2])
local first = tonumber(redis.call('HGET', stream, 'first') or 1)
while first < seq and (seq - first >= ${EVENTS_MAX} or bytes > ${BYTES_MAX}) do
  bytes = bytes - redis.call('HSTRLEN', stream, first)
  redis.call('HDEL', stream, first)
  first = first + 1
end
redis.call('HSET', stream, 'first', first, 'bytes', bytes)
redis.call('PEXPIRE', stream, ARGV[3])
redis.call('PUBLISH', ARGV[4], seq)
return last`;

/** KEYS: stream. ARGV: seq. Returns the first kept seq after it, then the events from there on. */
const READ = `
local last = tonumber(redis.call('HGET', KEYS[1], 'last'))
if not last then return false end
local from = math.max(tonumber(ARGV[1]) + 1, tonumber(redis.call('HGET', KEYS[1], 'first')))
local answer = { from }
for seq = from, last do answer[#answer + 1] = redis.call('HGET', KEYS[1], seq) end
return answer`;

export type StreamEvent = { seq: number; message: string; isLast: boolean };

export type Streams = {
  /**
   * Appends to the log of one event stream, which is kept for `ttlMs` after its last event. Resolves with `seq`; the
   * first one is 1. Rejects with `payload_too_large` for more than `STREAM_EVENT_BYTES_MAX`, and with `tenant_busy`
   * beyond the budget of its organization.
   */
  appendEvent(
    streamId: string,
    event: { message: string; isLast: boolean },
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<number>;
  /** The kept events after `seq`, in order. Undefined if the stream is not known (any more). */
  readEvents(streamId: string, afterSeq: number): Promise<StreamEvent[] | undefined>;
  /**
   * Calls the listener when any edge has appended to the stream, or may have done so unnoticed. Resolves with a
   * function that stops following.
   */
  followStream(streamId: string, listener: () => void): Promise<() => void>;
};

export function createStreams(
  redis: Redis,
  messages: ChannelListeners,
  cipher: PlaceCipher,
  ledger: ByteLedger,
): Streams {
  const append = defineScript(redis, 'toolplaneAppendEvent', APPEND);
  const read = defineScript(redis, 'toolplaneReadEvents', READ);
  const lastSeqs = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  /** Events of one stream are written one after the other, in the order in which they were appended. */
  const writing = new Map<string, Promise<number>>();

  async function write(hash: string, text: string, ttlMs: number, account?: ByteAccount): Promise<number> {
    const key = keys.stream(hash);
    let seq = (lastSeqs.get(hash) ?? 0) + 1;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const sealed = cipher.seal('stream', key, text, seq);
      const args = [seq, sealed, ttlMs, channels.streamEvents(hash), ledger.budgetOf(account)];
      const last = Number(await append([key, ...ledger.keysOf(account)], args));
      if (last === -1) ledger.refuse();
      if (last === seq - 1) {
        lastSeqs.set(hash, seq);
        return seq;
      }
      seq = last + 1;
    }
    throw queueUnavailable();
  }

  function open(hash: string, seq: number, sealed: string): StreamEvent[] {
    const text = cipher.open('stream', keys.stream(hash), sealed, seq);
    return text === undefined ? [] : [{ seq, message: text.slice(1), isLast: text.startsWith('1') }];
  }

  async function readAfter(hash: string, seq: number): Promise<StreamEvent[] | undefined> {
    const answer = (await read([keys.stream(hash)], [seq])) as [number, ...string[]] | null;
    if (answer === null) return undefined;
    const [from, ...events] = answer;
    return events.flatMap((sealed, index) => open(hash, from + index, sealed));
  }

  return {
    async appendEvent(streamId, { message, isLast }, ttlMs, account) {
      if (Buffer.byteLength(message) > STREAM_EVENT_BYTES_MAX) {
        throw new AppError('payload_too_large', `An event has at most ${STREAM_EVENT_BYTES_MAX} bytes`);
      }
      const hash = hashOfId(streamId);
      const writeNext = () => orUnavailable(write(hash, `${isLast ? 1 : 0}${message}`, ttlMs, account));
      const written = (writing.get(hash) ?? Promise.resolve()).then(writeNext, writeNext);
      writing.set(hash, written);
      const forget = () => {
        if (writing.get(hash) === written) writing.delete(hash);
      };
      written.then(forget, forget);
      return written;
    },
    readEvents: (streamId, afterSeq) => orUnavailable(readAfter(hashOfId(streamId), afterSeq)),
    followStream: (streamId, listener) =>
      messages.listen(channels.streamEvents(hashOfId(streamId)), {
        onMessage: () => listener(),
        onSubscribed: listener,
      }),
  };
}
