import { setImmediate as afterThisTurn } from 'node:timers';
import { type DebugEvent, debugLimits } from '@toolplane/contracts';
import { firstAttempt } from '../bus-connection.ts';
import { channels, keys as redisKeys } from '../keys.ts';
import type { NoteOptions } from '../notes/note-kinds.ts';
import { defineScript } from '../redis-script.ts';
import { createDebugEvents } from './debug-events.ts';

export type DebugStreamWriter = {
  /**
   * Neither waits nor fails: watching a run does not delay it. Events that cannot be written, because Redis is
   * unavailable or there are too many, are counted and reported as `lost` with the next event of the session.
   */
  append(sessionId: string, event: DebugEvent): void;
  /** Resolves when all appended events are written or lost. Closing the bus waits for that, too. */
  flush(): Promise<void>;
};

/** The maximum size of the events that wait to be written. */
const WAITING_BYTES_MAX = 8 << 20;
const BATCH_EVENTS_MAX = 50;
/** The maximum number of sessions for which lost events are counted. */
const LOST_SESSIONS_MAX = 1000;
/** The bytes that Redis needs for an entry in addition to its text. */
const OVERHEAD_BYTES = 100;

/**
 * Each entry contains the number of bytes up to and including itself, counted from the beginning, so the bytes between
 * two entries are known without a separate key.
 *
 * KEYS: stream. ARGV: maximum entries and bytes of the stream, channel, session, sealed events. Returns 0 if the stream
 * does not exist.
 */
const APPEND = `
local stream = KEYS[1]
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if not last then return 0 end
local made, seq = string.match(last[1], '(%d+)-(%d+)')
local bytes = tonumber(last[2][2])
local newest
for i = 5, #ARGV do
  seq = seq + 1
  bytes = bytes + #ARGV[i] + ${OVERHEAD_BYTES}
  newest = redis.call('XADD', stream, 'MAXLEN', ARGV[1], made .. '-' .. seq, 'bytes', bytes, 'sealed', ARGV[i])
end
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
while first[1] ~= newest and bytes - first[2][2] + #first[2][4] + ${OVERHEAD_BYTES} > tonumber(ARGV[2]) do
  redis.call('XDEL', stream, first[1])
  first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`;

type Waiting = { sessionId: string; sealed: string };

/** Used by the data plane. */
export async function createDebugStreamWriter({
  bus,
  keys,
  eventsMax = debugLimits.eventsMax,
  bytesMax = debugLimits.streamBytesMax,
}: NoteOptions & { eventsMax?: number; bytesMax?: number }): Promise<DebugStreamWriter> {
  const redis = bus.documents;
  const append = defineScript(redis, 'toolplaneAppendDebugEvents', APPEND);
  const events = createDebugEvents(keys);
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  const lost = new Map<string, number>();
  let writing = Promise.resolve();
  let isDue = false;

  function lose(sessionId: string, count: number): void {
    if (lost.has(sessionId) || lost.size < LOST_SESSIONS_MAX) lost.set(sessionId, (lost.get(sessionId) ?? 0) + count);
  }

  /** Removes adjacent events of one session from those that wait. */
  function takeBatch(): Waiting[] {
    const sessionId = waiting[0]?.sessionId;
    const end = waiting.findIndex((it) => it.sessionId !== sessionId);
    const batch = waiting.slice(0, Math.min(end < 0 ? waiting.length : end, BATCH_EVENTS_MAX));
    waiting = waiting.slice(batch.length);
    for (const { sealed } of batch) waitingBytes -= sealed.length;
    return batch;
  }

  async function write(): Promise<void> {
    isDue = false;
    while (waiting.length > 0) {
      const batch = takeBatch();
      const sessionId = batch[0]?.sessionId ?? '';
      const missing = lost.get(sessionId);
      lost.delete(sessionId);
      const reported = missing === undefined ? [] : [reportLost(sessionId, missing)];
      const sealed = [...reported, ...batch.map((it) => it.sealed)];
      try {
        await append([redisKeys.debug(sessionId)], [eventsMax, bytesMax, channels.debugEvents, sessionId, ...sealed]);
      } catch {
        lose(sessionId, batch.length + (missing ?? 0));
      }
    }
  }

  function reportLost(sessionId: string, count: number): string {
    return events.seal(sessionId, { kind: 'lost', at: Date.now(), events: count });
  }

  function flush(): Promise<void> {
    writing = writing.then(write);
    return writing;
  }

  bus.onClose(flush);
  await firstAttempt(redis);
  return {
    flush,
    append(sessionId, event) {
      const sealed = events.seal(sessionId, event);
      if (waitingBytes + sealed.length > WAITING_BYTES_MAX) return lose(sessionId, 1);
      waiting.push({ sessionId, sealed });
      waitingBytes += sealed.length;
      if (isDue) return;
      isDue = true;
      afterThisTurn(() => void flush());
    },
  };
}
